//! The command line: one source for `--help`, the man page and the shell completions.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
    0  all is well
    1  something was found: bad lines in an import, a finding of verify, a fault in check
    2  the command line is wrong
   69  the database is in use by another outguide
   70  the program failed
   74  a file or the database could not be read or written
   78  the configuration is bad (systemd does not restart after it)";

const EXAMPLES: &str = "\
Examples:
    outguide demo                                   a file room to play with, nothing to install
    outguide check                                  is the configuration good, are the scanners there?
    outguide import custodians custodians.csv       places and holders first,
    outguide import charts charts.csv --dry-run     then people, patients and charts: look before you leap
    outguide serve                                  what systemd runs";

const IMPORT: &str = "\
Columns of custodians: code,name and if you like kind,parent,phone,mail,due,filing,room,label,closed
           people:     code,name and if you like label,left
           patients:   mrn and if you like name,born,assigner,other_mrns,inpatient
           charts:     mrn,label,home and if you like volume,record_type,location,name,born,state,temporary_for,restricted
Columns with common other names, English or German, are recognised; a name may stand in last_name and first_name.
An empty field says nothing and leaves what is on file; a lone - takes a phone, mail, due rule or parent away.
A line that was imported before changes nothing; bad lines are reported and left out. If more than a tenth is bad,
nothing is kept. An import that was broken off is simply started again.
The daemon must not run meanwhile: one process writes.

Examples:
    outguide import charts export.csv --dry-run --map 'mrn=Patient No,label=Barcode,home=Archive'
    outguide import patients export.csv --encoding windows-1250 --dates dmy";

const SELFTEST: &str = "\
Works in a scratch directory beside the database and removes it; the daemon may run. A kill shows that nothing is answered
before it is written; it cannot show that what was written is on the disk, because memory outlives the program. The power
cuts are played: the files are put together as they would be if all that was not yet synced were gone, torn or kept. They
prove the program, on the assumption that the disk has what it says it has. A disk that lies about that shows as a sync
faster than any disk of its kind; pull the plug to be sure.";

/// Tracks paper medical charts: reads the file room's barcode scanners and always knows who has which chart.
#[derive(Debug, Parser)]
#[command(name = "outguide", version, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How messages are written: to the journal when systemd started us, else as text.
    #[arg(long, global = true, value_enum, default_value_t = Log::Auto)]
    pub(crate) log: Log,
    /// Least important messages that are written: error, warn, info, debug or trace.
    #[arg(long, global = true, value_name = "LEVEL", default_value = "info")]
    pub(crate) log_level: tracing::Level,
}

/// Where messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// The journal if systemd started us, else text.
    Auto,
    /// Lines of text on standard error.
    Text,
    /// One JSON object a line on standard error.
    Json,
    /// The systemd journal.
    Journal,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the daemon: read scanners, record, serve the pages.
    #[command(
        after_help = "Signals: TERM stops in order, a second one at once; HUP reads the configuration again; USR1 logs the state."
    )]
    Serve(Config),
    /// Check configuration, database and devices, and print what is there.
    Check(Config),
    /// Start a believable file room in a temporary directory, with scanners played by a script.
    #[command(after_help = "Example:\n    outguide demo --seconds 20 --seed 7")]
    Demo(Demo),
    /// Take custodians, people, patients or charts from a CSV file, as spreadsheets export it.
    #[command(after_help = IMPORT)]
    Import(Import),
    /// Check the database from the ground up: file, hash chains, and whereabouts against history.
    Verify(Config),
    /// Copy the database, while it is in use, into a file: verified, and whole or not at all.
    Backup(Backup),
    /// Make a backup the database again; the one in its place is moved aside.
    #[command(after_help = "The daemon must be stopped: a live database is never overwritten.")]
    Restore(Restore),
    /// Restore a backup into a scratch place, verify it, and say what that proved; nothing is changed.
    #[command(after_help = "\
Examples:
    outguide drill                                  the newest backup of the configuration's directory
    outguide drill --identity key.txt copy.db.age   one that is encrypted")]
    Drill(Drill),
    /// Try this machine's disk in a minute: kills, power cuts as far as they can be played, turned bits; prints the figures.
    #[command(after_help = SELFTEST)]
    Selftest(Selftest),
    /// Read raw scanner bytes on standard input, write one JSON object per frame.
    #[command(after_help = "\
Example:
    printf 'V12345\\r' | outguide decode --config config/outguide.toml")]
    Decode(Decode),
    /// Show what is plugged in and how the configured scanners fare.
    #[command(
        subcommand_negates_reqs = true,
        args_conflicts_with_subcommands = true,
        after_help = "\
Examples:
    outguide scanners                        everything that is plugged in or configured
    outguide scanners claim                  scan now: which device is it, and what to write into the configuration
    outguide scanners watch desk-1-gun       each frame as it comes, control characters visible"
    )]
    Scanners(Scanners),
    /// Play made-up file rooms in which charts get lost, and measure how they are missed and found.
    #[command(after_help = "\
Examples:
    outguide simulate                            every mix of errors, one room each
    outguide simulate --mix misfilers --seed 7 --json
    outguide simulate --errors ours.toml         mixes of your own; keys: config/simulate.toml")]
    Simulate(Simulate),
    /// Make, list, reset and close accounts, and make tokens: the way in for whoever has a shell on this machine.
    #[command(after_help = "\
Examples:
    outguide account add a.meier --full-name 'Anna Meier' --role clerk     prints the one-time code to hand over
    outguide account add desk-1-screen --full-name 'Screen at desk 1' --role display --station desk-1
    outguide account reset a.meier                                         the password is forgotten
    outguide account token 'dock scanner' --scope scan                     what a program comes in with")]
    Account(Account),
    /// Write the manual page (section 1) to standard output.
    Man,
    /// Write a completion script to standard output.
    #[command(
        after_help = "Example:\n    outguide completions bash > /usr/share/bash-completion/completions/outguide"
    )]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// The configuration file.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// Configuration file; files in `conf.d` beside it are read after it.
    #[arg(long, value_name = "FILE", default_value = "/etc/outguide/outguide.toml")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port of the pages on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8470)]
    pub(crate) port: u16,
    /// Which file room, and which day in it: the same seed plays the same scans.
    #[arg(long, default_value_t = 42)]
    pub(crate) seed: u64,
    /// End after so many seconds with a summary; otherwise run until Ctrl-C.
    #[arg(long)]
    pub(crate) seconds: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What the file holds.
    #[arg(value_enum)]
    pub(crate) kind: ImportKind,
    /// The file.
    pub(crate) file: PathBuf,
    /// Which columns say what: `field=column` pairs with commas between them, or a file with one a line.
    #[arg(long, value_name = "PAIRS|FILE")]
    pub(crate) map: Option<String>,
    /// The file's encoding, such as windows-1252 or utf-16le; otherwise it is found out.
    #[arg(long)]
    pub(crate) encoding: Option<String>,
    /// How dates such as 3/4/1970 are read.
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) dates: Option<Dates>,
    /// Folders without a label get one of Outguide's own, to be printed at /labels/initial.
    #[arg(long)]
    pub(crate) own_labels: bool,
    /// Take the good lines even if more than a tenth are bad.
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Do everything as usual, report it, and undo it.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportKind {
    /// Folders, the charts that own them, and their patients.
    Charts,
    /// Places and holders.
    Custodians,
    /// People with badges.
    People,
    /// Patients and their numbers.
    Patients,
}

/// Which of two numbers between slashes is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dates {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The backup file.
    pub(crate) file: PathBuf,
    /// Encrypt it for this public key (age1…); may be given several times.
    #[arg(long = "recipient", value_name = "KEY")]
    pub(crate) recipients: Vec<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup file.
    pub(crate) file: PathBuf,
    /// File with the secret key, for a backup that is encrypted.
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Drill {
    /// The backup file; the newest one of the configuration's directory if none is named.
    pub(crate) file: Option<PathBuf>,
    /// File with the secret key, for a backup that is encrypted.
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Selftest {
    /// How long it may take.
    #[arg(long, default_value_t = 60)]
    pub(crate) seconds: u64,
    /// Work of the program on itself: writes scans there, and says which are answered, until it is killed.
    #[arg(long, hide = true, value_name = "DIRECTORY")]
    pub(crate) write_in: Option<PathBuf>,
    /// The control: answers before it writes.
    #[arg(long, hide = true)]
    pub(crate) too_early: bool,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// Whose framing is used; the first source of the configuration if none is named.
    #[arg(long)]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Scanners {
    #[command(subcommand)]
    pub(crate) command: Option<ScannersCommand>,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScannersCommand {
    /// Listen to everything that no source of the configuration has, until something is scanned.
    #[command(after_help = "\
Keyboards are listened to without taking them away from anybody: scan, and do not type. Run it as root: the devices
of a scanner that nobody has claimed yet often belong to root alone.")]
    Claim(Claim),
    /// Show what a scanner sends, as it comes, while the daemon goes on recording it.
    #[command(after_help = "\
Shows codes of charts: only root and the daemon's user may. Without a daemon the scanner is listened to directly and
nothing is recorded. --record writes a file that a source of kind \"replay\" plays.")]
    Watch(Watch),
}

#[derive(Debug, Args)]
pub(crate) struct Account {
    #[command(subcommand)]
    pub(crate) command: AccountCommand,
    /// Configuration file; files in `conf.d` beside it are read after it.
    #[arg(long, global = true, value_name = "FILE", default_value = "/etc/outguide/outguide.toml")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show all accounts.
    List,
    /// Make an account, and print the one-time code with which its holder chooses a password.
    Add {
        /// What is typed to sign in.
        name: String,
        /// What people read.
        #[arg(long)]
        full_name: String,
        /// display, requester, clerk, supervisor, privacy or administrator.
        #[arg(long)]
        role: String,
        /// The station that a display shows; `*` for the screen on the wall.
        #[arg(long)]
        station: Option<String>,
    },
    /// Take an account's password away, end its sign-ins, and print a new one-time code.
    Reset {
        /// What is typed to sign in.
        name: String,
    },
    /// Close an account for good.
    Close {
        /// What is typed to sign in.
        name: String,
    },
    /// Make a token for a program, and print it.
    Token {
        /// Which program.
        name: String,
        /// What it may do: scan, locate, see-stations, see-board, see-scanners, work, print, supervise.
        #[arg(long = "scope", value_delimiter = ',')]
        scopes: Vec<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Claim {
    /// Bits per second of serial lines.
    #[arg(long, default_value_t = 9600)]
    pub(crate) baud: u32,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 120)]
    pub(crate) seconds: u64,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The source's name in the configuration.
    pub(crate) name: String,
    /// Write the bytes with their timing into this file, too; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// One JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
    /// End after so many seconds; otherwise at Ctrl-C.
    #[arg(long)]
    pub(crate) seconds: Option<u64>,
    #[command(flatten)]
    pub(crate) config: Config,
}

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Which room, and which days in it: the same seed gives the same figures.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Mixes of errors; the built-in ones are those of config/simulate.toml.
    #[arg(long, value_name = "FILE")]
    pub(crate) errors: Option<PathBuf>,
    /// Only this mix.
    #[arg(long)]
    pub(crate) mix: Option<String>,
    /// Charts in the room, 4000 at most.
    #[arg(long, default_value_t = outguide::simulate::CHARTS)]
    pub(crate) charts: u32,
    /// Working days that are played.
    #[arg(long, default_value_t = outguide::simulate::DAYS)]
    pub(crate) days: u32,
    /// Write one JSON object a mix instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}
