-- Two charts become one: merges of numbers, temporary charts, and what became of each folder.
alter table chart add column merged_into integer references chart (chart_id);
create index chart_merged on chart (merged_into) where merged_into is not null;

alter table volume add column sheets_in integer references volume (volume_id);
create index volume_sheets on volume (sheets_in) where sheets_in is not null;

create table merge (
  merge_id      integer primary key,
  kind          text not null check (kind in ('number', 'temporary')),
  survivor_id   integer not null references chart (chart_id),
  retired_id    integer not null references chart (chart_id),
  audit_no      integer not null references audit (audit_no),
  work_item_id  integer references work_item (work_item_id),
  merged_at_us  integer not null,
  survivor_state text not null,
  retired_state text not null,
  patient_id    integer references patient (patient_id),
  lent_patient_id integer references patient (patient_id),
  combined_at_us integer,
  undone_at_us  integer
) strict;
create index merge_survivor on merge (survivor_id);
create index merge_retired on merge (retired_id);

create table merged_volume (
  merge_id      integer not null references merge (merge_id),
  volume_id     integer not null references volume (volume_id),
  number        integer not null,
  home_id       integer not null references custodian (custodian_id),
  filing_key    text not null,
  at_us         integer not null,
  primary key (merge_id, volume_id)
) strict, without rowid;
create index merged_volume_of on merged_volume (volume_id);

create table chart_event (
  chart_id      integer not null references chart (chart_id),
  audit_no      integer not null references audit (audit_no),
  kind          text not null,
  other_id      integer references chart (chart_id),
  volume_id     integer references volume (volume_id),
  number        integer,
  label         text,
  primary key (chart_id, audit_no)
) strict, without rowid;
create trigger chart_event_is_kept before delete on chart_event begin select raise(abort, 'a timeline is only added to'); end;
create trigger chart_event_is_final before update on chart_event begin select raise(abort, 'a timeline is only added to'); end;
