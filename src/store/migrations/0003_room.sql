-- Charts and patients that are put on file and put right while the daemon runs; kinds of records and hours as data.
alter table custodian add column room text;
alter table patient add column inpatient_since_us integer;
alter table patient add column discharged_at_us integer;
alter table volume add column label_due integer;
alter table chart_event add column why text;

create index volume_label_due on volume (home_id, filing_key) where label_due is not null;

create table record_type (
  record_type   text primary key check (record_type <> ''),
  title         text not null,
  home_id       integer references custodian (custodian_id),
  due_rule      text not null default ''
) strict, without rowid;
insert into record_type (record_type, title) select distinct record_type, record_type from chart;
insert into record_type (record_type, title) values ('medical', 'medical record') on conflict do update set title = 'medical record';

create table custodian_hours (
  custodian_id  integer primary key references custodian (custodian_id),
  working_days  text not null,
  opens         text not null,
  closes        text not null,
  holidays      text not null
) strict;

create table patient_change (
  patient_id    integer not null references patient (patient_id),
  audit_no      integer not null references audit (audit_no),
  what          text not null check (what in ('name', 'born', 'number', 'inpatient')),
  was           text,
  primary key (patient_id, audit_no, what)
) strict, without rowid;

create table due_change (
  volume_id     integer not null references volume (volume_id),
  movement_no   integer not null,
  audit_no      integer not null references audit (audit_no),
  due_at_us     integer,
  primary key (volume_id, movement_no, audit_no)
) strict, without rowid;

create trigger patient_change_is_kept before delete on patient_change begin select raise(abort, 'changes are only added to'); end;
create trigger patient_change_is_final before update on patient_change begin select raise(abort, 'changes are only added to'); end;
create trigger due_change_is_kept before delete on due_change begin select raise(abort, 'changes are only added to'); end;
create trigger due_change_is_final before update on due_change begin select raise(abort, 'changes are only added to'); end;
