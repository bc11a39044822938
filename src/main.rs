//! Arguments become one function call per subcommand; the only place that prints, and that ends the process.

mod cli;
mod commands;
mod logging;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    keep_memory_in();
    let cli = cli::Cli::parse();
    let code = commands::run(cli).unwrap_or_else(|error| {
        let mut text = error.to_string();
        for cause in error.chain().skip(1) {
            let cause = cause.to_string();
            if !text.contains(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        commands::say_error(&format!("outguide: {text}"));
        commands::exit_code(&error)
    });
    logging::end();
    code
}

/// Names of patients are in this program's memory: the kernel writes it into no core file and gives it to no crash handler,
/// and nobody but root attaches a debugger. Whoever needs one while developing calls gdb with the program.
fn keep_memory_in() {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    // The service's unit lets nobody set limits, and has this one itself.
    let _refused = rustix::process::setrlimit(rustix::process::Resource::Core, none);
    let _refused = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}
