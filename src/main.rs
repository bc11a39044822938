//! Arguments become one function call per subcommand; the only place that prints, and that ends the process.

mod cli;
mod commands;
mod logging;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
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
