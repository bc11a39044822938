//! `outguide account`: the way in for whoever has a shell on the machine.

use super::scanners::ask;
use super::{FOUND, runtime, say, say_error};
use crate::cli::{self, AccountCommand};
use anyhow::{Context, Result};
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::daemon::accounts::{AccountQuestion, answer};
use outguide::daemon::control::Question;
use outguide::store::{Options, Place, Store, StoreError};
use serde_json::Value;
use std::process::ExitCode;

pub(super) fn account(args: &cli::Account) -> Result<ExitCode> {
    let config = Config::load(&args.config)?;
    let question = question(args.command.clone());
    let answer = match ask(&config.data_dir, &Question::Account(question.clone()))? {
        Some(mut answers) => answers.next().context("the daemon gives no answer")?,
        None => alone(&config, question)?,
    };
    Ok(show(&answer))
}

fn question(command: AccountCommand) -> AccountQuestion {
    match command {
        AccountCommand::List => AccountQuestion::List,
        AccountCommand::Add { name, full_name, role, station } => {
            AccountQuestion::Add { name, full_name, role, station }
        }
        AccountCommand::Reset { name } => AccountQuestion::Reset { name },
        AccountCommand::Close { name } => AccountQuestion::Close { name },
        AccountCommand::Token { name, scopes } => AccountQuestion::Token { name, scopes },
    }
}

/// No daemon runs: the database is opened here.
fn alone(config: &Config, question: AccountQuestion) -> Result<Value> {
    let place = Place::new(&config.data_dir);
    // A directory that is not mounted yet, say: nobody's accounts are made in a new database there.
    if !place.db().exists() {
        return Err(StoreError::Absent { db: place.db() }.into());
    }
    let options = Options { place, queue: 16, readers: 1 };
    let (store, thread) = Store::open(&options, &Clock::system())?;
    let uid = rustix::process::getuid().as_raw();
    let answered = runtime()?.block_on(answer(&store, question, uid));
    drop(store);
    thread.join();
    Ok(answered)
}

fn show(answer: &Value) -> ExitCode {
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(error) = answer.get("error").and_then(Value::as_str) {
        say_error(error);
        return ExitCode::from(FOUND);
    }
    for account in answer.get("accounts").and_then(Value::as_array).into_iter().flatten() {
        let (name, role, state) = (text(account, "name"), text(account, "role"), text(account, "state"));
        say(&format!("{name:<24} {role:<14} {state:<16} {}", text(account, "full_name")));
    }
    for key in ["code", "token", "closed"] {
        let value = text(answer, key);
        if !value.is_empty() {
            say(&format!("{key}: {value}"));
        }
    }
    ExitCode::SUCCESS
}
