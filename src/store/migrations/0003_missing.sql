-- Charts that are suspected, looked for, found: one open case for each volume.
create table missing_case (
  case_id       integer primary key,
  volume_id     integer not null references volume (volume_id),
  level         text not null,
  discovered_at_us integer not null,
  movement_no   integer,
  last_seen     text not null,
  answerable_id integer not null references custodian (custodian_id),
  suspicion     real not null,
  needed_at_us  integer,
  needed_by_id  integer references custodian (custodian_id),
  changed_at_us integer not null,
  closed_at_us  integer,
  found_at_id   integer references custodian (custodian_id),
  found_clue    text,
  found_place   text,
  reason        text,
  reason_words  text
) strict;
create unique index missing_open on missing_case (volume_id) where closed_at_us is null;
create index missing_case_volume on missing_case (volume_id);
create index missing_past on missing_case (volume_id, closed_at_us) where closed_at_us is not null;
create index missing_closed on missing_case (closed_at_us) where closed_at_us is not null;
create trigger missing_is_kept before delete on missing_case begin select raise(abort, 'cases are kept'); end;
create trigger missing_discovery before update of discovered_at_us, volume_id, answerable_id on missing_case
  begin select raise(abort, 'when a case was discovered does not change'); end;

create table missing_step (
  step_id       integer primary key,
  case_id       integer not null references missing_case (case_id),
  at_us         integer not null,
  level         text not null,
  actor         text,
  why           text
) strict;
create index missing_step_case on missing_step (case_id, step_id);
create trigger missing_step_is_kept before delete on missing_step begin select raise(abort, 'steps are only added to'); end;
create trigger missing_step_is_final before update on missing_step begin select raise(abort, 'steps are only added to'); end;

create table missing_sign (
  case_id       integer not null references missing_case (case_id),
  sign          text not null,
  at_us         integer not null,
  primary key (case_id, sign)
) strict, without rowid;

create table missing_look (
  look_id       integer primary key,
  case_id       integer not null references missing_case (case_id),
  place         text not null,
  how           text not null,
  looker        text,
  at_us         integer not null
) strict;
create index missing_look_case on missing_look (case_id, look_id);

create table missing_claim (
  case_id       integer not null references missing_case (case_id),
  place         text not null,
  who           text not null,
  until_us      integer not null,
  primary key (case_id, place)
) strict, without rowid;

create table missing_code (
  code_id       integer primary key,
  label         text not null unique check (label <> ''),
  case_id       integer not null references missing_case (case_id),
  place         text not null,
  is_found      integer not null check (is_found in (0, 1)),
  line          integer not null,
  told_at_us    integer,
  unique (case_id, place, is_found)
) strict;

create table missing_round (
  round_id      integer primary key,
  custodian_id  integer not null references custodian (custodian_id),
  since_us      integer not null,
  done_us       integer not null
) strict;
create index missing_round_done on missing_round (done_us);

create table missing_find (
  last_seen     text not null,
  clue          text not null,
  finds         real not null check (finds >= 0),
  primary key (last_seen, clue)
) strict, without rowid;

create table missing_habit (
  holder_id     integer not null references custodian (custodian_id),
  found_id      integer not null references custodian (custodian_id),
  finds         real not null check (finds >= 0),
  primary key (holder_id, found_id)
) strict, without rowid;

create index volume_transit on volume (since_us) where in_transit is not null;
