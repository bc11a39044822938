-- Notices: who was asked for which chart, what became of the message, and what was answered.

create table notice (
  notice_id     integer primary key,
  step          text not null check (step <> ''),
  to_id         integer not null references custodian (custodian_id),
  channel       text not null check (channel in ('mail', 'webhook', 'slip')),
  address       text,
  state         text not null check (state in ('queued', 'sent', 'refused', 'withdrawn')),
  created_at_us integer not null,
  tries         integer not null default 0 check (tries >= 0),
  next_try_us   integer not null,
  ended_at_us   integer,
  told          text,
  message_id    text,
  subject       text,
  body          text
) strict;
create index notice_queued on notice (state, notice_id) where state = 'queued';
create index notice_to on notice (to_id, created_at_us);
create index notice_created on notice (created_at_us);

create table notice_volume (
  notice_id     integer not null references notice (notice_id),
  volume_id     integer not null references volume (volume_id),
  stay_no       integer not null,
  step          text not null,
  to_id         integer not null references custodian (custodian_id),
  needed_at_us  integer,
  row_no        integer not null unique,
  settled_at_us integer,
  primary key (notice_id, volume_id)
) strict, without rowid;
create unique index notice_once on notice_volume (volume_id, stay_no, step, to_id);
create index notice_open on notice_volume (volume_id) where settled_at_us is null;

create table notice_answer (
  answer_id     integer primary key,
  notice_id     integer not null references notice (notice_id),
  volume_id     integer not null references volume (volume_id),
  stay_no       integer not null,
  answer        text not null,
  detail        text,
  at_us         integer not null,
  actor         text,
  scan_no       integer references scan (scan_no)
) strict;
create index notice_answer_volume on notice_answer (volume_id, stay_no);
