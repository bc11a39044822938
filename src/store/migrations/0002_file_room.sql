-- Circulation as a file room lives it: people with badges, patients, what a movement was, what is on its way, missing or due.
-- Kinds of movements and of work items become open lists: dropping a check needs no new table (lang_altertable.html).
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, ' check (kind in (''received'', ''import''))', '') where name = 'movement';
update sqlite_schema set sql = replace(sql, ' check (kind in (''unknown-label''))', '') where name = 'work_item';
pragma writable_schema = reset;

create table person (
  person_id     integer primary key,
  code          text not null unique check (code <> ''),
  name          text not null,
  created_at_us integer not null,
  left_at_us    integer
) strict;

create table patient (
  patient_id    integer primary key,
  name          text,
  born          text,
  created_at_us integer not null
) strict;

create table mrn (
  assigner      text not null default '',
  mrn_key       text not null,
  mrn           text not null,
  patient_id    integer not null references patient (patient_id),
  since_us      integer not null,
  until_us      integer,
  primary key (assigner, mrn_key)
) strict, without rowid;

alter table custodian add column mail text;
alter table custodian add column due_rule text not null default '';
alter table custodian add column closed_at_us integer;

alter table chart add column patient_id integer references patient (patient_id);
alter table chart add column state text not null default 'active';
alter table chart add column temporary_for integer references chart (chart_id);

alter table volume add column state text not null default 'active';
alter table volume add column in_transit integer;
alter table volume add column due_at_us integer;
alter table volume add column missing_since_us integer;
alter table volume add column worn_at_us integer;

alter table scan add column act text;

alter table movement add column in_transit integer;
alter table movement add column due_at_us integer;
alter table movement add column missing_since_us integer;
alter table movement add column skip text;
alter table movement add column undoes_no integer;

create index chart_temporary on chart (temporary_for) where temporary_for is not null;
create index volume_missing on volume (missing_since_us) where missing_since_us is not null;
create index volume_due on volume (due_at_us) where due_at_us is not null;
