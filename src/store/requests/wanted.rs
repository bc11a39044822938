//! What an appointment wants: requests for the charts that its clinic wants, kept as the schedule is.

use super::super::change::Ledger;
use super::super::micros;
use super::ask::{NewRequest, Volumes, insert, volumes};
use super::lists::{day_of, list_for, wants_of};
use super::scene::zone;
use super::schedule::ScheduleReport;
use super::steps::{StepRow, WAS_THERE, step};
use crate::tracking::request::{Channel, HOLD_WITHIN, Priority, RequestStep, expires_at, local_time};
use crate::tracking::{ChartId, CustodianId, RequestId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// When an appointment is, and was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Booked {
    pub(super) start: Timestamp,
    pub(super) was: Timestamp,
}

struct Appointment {
    mrn: String,
    mrn_key: String,
    clinic: String,
    start: Timestamp,
    provider: Option<String>,
}

/// Requests what a clinic wants for an appointment and is not requested yet; notes what is missing.
pub(super) fn want(
    ledger: &mut Ledger<'_>,
    appointment: i64,
    actor: Option<&str>,
    report: &mut ScheduleReport,
) -> rusqlite::Result<()> {
    let conn = ledger.conn;
    let found = conn
        .prepare_cached(
            "select mrn, mrn_key, clinic, start_us, provider from appointment where appointment_id = ?1",
        )?
        .query_row(params![appointment], |row| {
            Ok(Appointment {
                mrn: row.get(0)?,
                mrn_key: row.get(1)?,
                clinic: row.get(2)?,
                start: super::super::timestamp(row.get(3)?),
                provider: row.get(4)?,
            })
        })?;
    let clinic = match report.clinics.get(&found.clinic) {
        Some(known) => *known,
        None => {
            let known = clinic(conn, &found.clinic)?;
            report.clinics.insert(found.clinic.clone(), known);
            known
        }
    };
    let lacks = match clinic {
        None => {
            report.unknown_clinics.insert(found.clinic.clone());
            report.without_clinic += 1;
            look_into(ledger, "schedule-clinic", &found.clinic)?;
            Some("clinic")
        }
        Some(clinic) => {
            looked_into(ledger, "schedule-clinic", &found.clinic)?;
            let lacks = for_clinic(ledger, appointment, &found, clinic, actor, report)?;
            if lacks.is_some() {
                report.without_chart += 1;
                look_into(ledger, "schedule-chart", &found.mrn)?;
            } else {
                looked_into(ledger, "schedule-chart", &found.mrn)?;
            }
            lacks
        }
    };
    conn.prepare_cached("update appointment set custodian_id = ?2, lacks = ?3 where appointment_id = ?1")?
        .execute(params![appointment, clinic.map(|id| id.0), lacks])?;
    Ok(())
}

fn for_clinic(
    ledger: &mut Ledger<'_>,
    appointment: i64,
    found: &Appointment,
    clinic: CustodianId,
    actor: Option<&str>,
    report: &mut ScheduleReport,
) -> rusqlite::Result<Option<&'static str>> {
    let conn = ledger.conn;
    let (mut charts, mut missing, mut without_folder) = (0, 0, 0);
    let day = day_of(found.start, &zone(ledger.memory));
    let list = list_for(conn, clinic, day, ledger.now_us())?;
    let provider = found.provider.as_deref().filter(|provider| !provider.trim().is_empty());
    for (record_type, all) in wants_of(conn, clinic)? {
        let Some(chart) = chart(conn, &found.mrn_key, &record_type)? else {
            missing += 1;
            continue;
        };
        charts += 1;
        let wanted = if all { Volumes::All(chart) } else { Volumes::Newest(chart) };
        let new = NewRequest {
            volumes: wanted,
            to: clinic,
            needed_at: found.start,
            channel: Channel::Appointment,
            requester: provider.unwrap_or(&found.clinic).to_owned(),
            requester_id: Some(clinic),
            purpose: "appointment".to_owned(),
            comment: String::new(),
            priority: Priority::Routine,
            form: None,
            actor: actor.map(str::to_owned),
        };
        let folders = volumes(conn, wanted)?;
        without_folder += i32::from(folders.is_empty());
        for (volume, holding) in folders {
            let is_there = holding.at == clinic && !holding.in_transit && !holding.is_missing;
            let is_asked = conn
                .prepare_cached(
                    "select 1 from request where appointment_id = ?1 and volume_id = ?2
                       and (closed_at_us is null or ?3 and state = 'delivered' and to_id = ?4)",
                )?
                .exists(params![appointment, volume.0, is_there, clinic.0])?;
            if is_asked {
                continue;
            }
            let request = insert(conn, &new, volume, (list, Some(appointment)), ledger.now)?;
            report.lists.insert(list);
            if is_there && found.start.duration_since(ledger.now) <= HOLD_WITHIN {
                take(ledger, request, RequestStep::Delivered, WAS_THERE, actor)?;
            }
        }
    }
    Ok(match (charts, missing) {
        (_, 0) => (without_folder > 0).then_some("folder"),
        (0, _) if !has_chart(conn, &found.mrn_key)? => Some("chart"),
        _ => Some("record-type"),
    })
}

/// Changes time, place and list of what was requested for an appointment.
pub(super) fn reschedule(
    ledger: &mut Ledger<'_>,
    appointment: i64,
    booked: Booked,
    actor: Option<&str>,
    report: &mut ScheduleReport,
) -> rusqlite::Result<()> {
    let (conn, zone, now_us) = (ledger.conn, zone(ledger.memory), ledger.now_us());
    let name: String = conn
        .prepare_cached("select clinic from appointment where appointment_id = ?1")?
        .query_row(params![appointment], |row| row.get(0))?;
    // A clinic that is not on file cannot be sent anything: what was asked for the old one is over.
    let Some(clinic) = clinic(conn, &name)? else {
        return unwant(ledger, appointment, "the appointment moved to a clinic that is not on file", actor);
    };
    let list = list_for(conn, clinic, day_of(booked.start, &zone), now_us)?;
    for request in open(conn, appointment)? {
        let same: bool = conn
            .prepare_cached("select needed_at_us = ?2 and to_id = ?3 from request where request_id = ?1")?
            .query_row(params![request.0, micros(booked.start), clinic.0], |row| row.get(0))?;
        if same {
            continue;
        }
        report.lists.insert(list);
        conn.prepare_cached(
            "update request set needed_at_us = ?2, expires_at_us = ?3, to_id = ?4, pull_list_id = ?5 where request_id = ?1",
        )?
        .execute(params![
            request.0,
            micros(booked.start),
            micros(expires_at(Channel::Appointment, booked.start)),
            clinic.0,
            list.0
        ])?;
        let time = |at| local_time(at, ledger.now, &zone);
        let why = format!("{} instead of {}", time(booked.start), time(booked.was));
        take(ledger, request, RequestStep::Rescheduled, &why, actor)?;
    }
    Ok(())
}

/// Cancels what was requested for an appointment.
pub(super) fn unwant(
    ledger: &mut Ledger<'_>,
    appointment: i64,
    why: &str,
    actor: Option<&str>,
) -> rusqlite::Result<()> {
    for request in open(ledger.conn, appointment)? {
        take(ledger, request, RequestStep::Cancelled, why, actor)?;
    }
    Ok(())
}

fn take(
    ledger: &Ledger<'_>,
    request: RequestId,
    taken: RequestStep,
    why: &str,
    actor: Option<&str>,
) -> rusqlite::Result<()> {
    let row = StepRow {
        request,
        step: taken,
        at_us: ledger.now_us(),
        why: Some(why),
        actor,
        scan: None,
        movement: None,
    };
    step(ledger.conn, &row).map(drop)
}

fn open(conn: &Connection, appointment: i64) -> rusqlite::Result<Vec<RequestId>> {
    conn.prepare_cached("select request_id from request where appointment_id = ?1 and closed_at_us is null")?
        .query_map(params![appointment], |row| row.get(0).map(RequestId))?
        .collect()
}

/// A clinic by its code, or by its name, in any case.
fn clinic(conn: &Connection, named: &str) -> rusqlite::Result<Option<CustodianId>> {
    conn.prepare_cached(
        "select custodian_id from custodian where (code = ?1 collate nocase or name = ?1 collate nocase) and closed_at_us is null
         order by code <> ?1 collate nocase, custodian_id limit 1",
    )?
    .query_row(params![named], |row| row.get(0).map(CustodianId))
    .optional()
}

/// The chart with a number, or of the patient who ever had the number: the one that they were merged into, if they were.
fn chart(conn: &Connection, mrn_key: &str, record_type: &str) -> rusqlite::Result<Option<ChartId>> {
    conn.prepare_cached(
        "select root.chart_id from chart known join chart root on root.chart_id = coalesce(known.merged_into, known.chart_id)
         where known.record_type = ?2 and root.state in ('active', 'merge-due') and (known.mrn_key = ?1
           or known.patient_id in (select patient_id from mrn where assigner = '' and mrn_key = ?1))
         order by known.mrn_key <> ?1, root.chart_id limit 1",
    )?
    .query_row(params![mrn_key, record_type], |row| row.get(0).map(ChartId))
    .optional()
}

fn has_chart(conn: &Connection, mrn_key: &str) -> rusqlite::Result<bool> {
    conn.prepare_cached("select 1 from chart where mrn_key = ?1")?.exists(params![mrn_key])
}

/// Puts something onto the work list.
fn look_into(ledger: &Ledger<'_>, kind: &'static str, key: &str) -> rusqlite::Result<()> {
    ledger
        .conn
        .prepare_cached(
            "insert into work_item (kind, key, times, opened_at_us, seen_at_us) values (?1, ?2, 1, ?3, ?3)
             on conflict (kind, key) where closed_at_us is null do update set times = times + 1, seen_at_us = ?3",
        )?
        .execute(params![kind, key, ledger.now_us()])?;
    Ok(())
}

/// Takes it off again.
fn looked_into(ledger: &Ledger<'_>, kind: &'static str, key: &str) -> rusqlite::Result<()> {
    ledger
        .conn
        .prepare_cached(
            "update work_item set closed_at_us = ?3, closed_why = 'it is on file now'
             where kind = ?1 and key = ?2 and closed_at_us is null",
        )?
        .execute(params![kind, key, ledger.now_us()])?;
    Ok(())
}
