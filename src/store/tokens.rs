//! Tokens of programs: made by an administrator, shown once, kept as a hash.

use super::callers::{Caller, CameBy, Worth};
use super::change::{Stop, Unchanged};
use super::notes::Note;
use super::sign_ins::Known;
use super::{AccountRefused, Store, StoreError, micros, timestamp};
use crate::access::{Over, Permission, Permissions, SecretHash, SignInTimes, TokenId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};
use std::sync::Arc;

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Which program it is for; records call it so.
    pub name: String,
    /// What it may do.
    pub scopes: Permissions,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// A token that is not ended.
#[derive(Debug, Clone)]
pub struct TokenView {
    /// Which one.
    pub id: TokenId,
    /// Which program it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Permissions,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// When it was used last.
    pub used_at: Option<Timestamp>,
    /// Until when it is good.
    pub until: Option<Timestamp>,
}

impl Store {
    /// Makes a token; only its hash is kept.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn add_token(
        &self,
        new: NewToken,
        token: SecretHash,
        actor: String,
    ) -> Result<TokenId, Unchanged<AccountRefused>> {
        let scopes: Permissions =
            new.scopes.list().filter(|scope| Permission::OF_TOKENS.contains(scope)).collect();
        self.change(move |ledger| {
            let id = ledger
                .conn
                .prepare_cached(
                    "insert into api_token (name, hash, scopes, made_by, made_at_us, until_us)
                     values (:name, :hash, :scopes, :by, :now, :until) returning api_token_id",
                )?
                .query_row(
                    named_params! {
                        ":name": new.name, ":hash": token.0, ":scopes": scopes.to_string(), ":by": actor,
                        ":now": ledger.now_us(), ":until": new.until.map(micros),
                    },
                    |row| row.get(0).map(TokenId),
                )?;
            ledger.audit("token", Some(&actor), &format!("token {id} made: {scopes}"))?;
            Ok(id)
        })
        .await
    }

    /// Ends a token.
    ///
    /// # Errors
    /// There is none that is open, or the database failed; nothing is changed.
    pub async fn end_token(&self, token: TokenId, actor: String) -> Result<(), Unchanged<AccountRefused>> {
        self
            .change_sign_ins(move |ledger| {
                let ended = ledger
                    .conn
                    .prepare_cached(
                        "update api_token set ended_at_us = :now where api_token_id = :id and ended_at_us is null",
                    )?
                    .execute(named_params! { ":now": ledger.now_us(), ":id": token.0 })?;
                if ended == 0 {
                    return Err(Stop::Refused(AccountRefused::NoSuchAccount));
                }
                Ok(ledger.audit("token", Some(&actor), &format!("token {token} ended"))?)
            })
            .await
    }

    /// The tokens that are not ended, the newest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn tokens(&self) -> Result<Vec<TokenView>, StoreError> {
        self.read("list tokens", |conn| {
            conn.prepare_cached(
                "select api_token_id, name, scopes, made_by, made_at_us, used_at_us, until_us from api_token
                 where ended_at_us is null order by api_token_id desc limit 500",
            )?
            .query_map([], |row| {
                Ok(TokenView {
                    id: TokenId(row.get(0)?),
                    name: row.get(1)?,
                    scopes: Permissions::parse(&row.get::<_, String>(2)?),
                    made_by: row.get(3)?,
                    made_at: timestamp(row.get(4)?),
                    used_at: row.get::<_, Option<i64>>(5)?.map(timestamp),
                    until: row.get::<_, Option<i64>>(6)?.map(timestamp),
                })
            })?
            .collect()
        })
        .await
    }

    /// What a token is worth at this moment.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn worth_of_token(&self, token: SecretHash) -> Result<Worth, StoreError> {
        let now = self.clock.now();
        let known = match self.sign_ins.find_token(token) {
            Some(known) => known,
            None => {
                let changes = self.sign_ins.changes();
                let read = self.read("look up a token", move |conn| known_token(conn, token)).await?;
                let Some(known) = read else { return Ok(Worth::Over(Over::Unknown, None)) };
                self.sign_ins.remember(token, known.clone(), changes);
                known
            }
        };
        if known.is_ended {
            return Ok(Worth::Over(Over::Ended, Some(known.caller)));
        }
        if known.until.is_some_and(|until| until <= now) {
            return Ok(Worth::Over(Over::Aged, Some(known.caller)));
        }
        if self.sign_ins.used(token, now)
            && let CameBy::Token(id) = known.caller.by
        {
            self.note(Note::TokenUsed(id, now));
        }
        Ok(Worth::Good(known.caller))
    }
}

fn known_token(conn: &Connection, token: SecretHash) -> rusqlite::Result<Option<Known>> {
    conn.prepare_cached(
        "select api_token_id, name, scopes, made_at_us, used_at_us, until_us, ended_at_us is not null
         from api_token where hash = :hash",
    )?
    .query_row(named_params! { ":hash": token.0 }, |row| {
        let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
        let made = timestamp(row.get(3)?);
        let used = row.get::<_, Option<i64>>(4)?.map_or(Timestamp::UNIX_EPOCH, timestamp);
        let caller = Caller {
            by: CameBy::Token(TokenId(id)),
            full_name: name.clone(),
            // Two programs of one name are told apart in the records.
            name: format!("token {id} {name}"),
            role: None,
            may: Permissions::parse(&row.get::<_, String>(2)?),
            station: None,
            desk: None,
        };
        Ok(Known {
            caller: Arc::new(caller),
            address: String::new(),
            times: SignInTimes { made, used },
            until: row.get::<_, Option<i64>>(5)?.map(timestamp),
            is_ended: row.get(6)?,
            written: used,
        })
    })
    .optional()
}
