-- Requests, the schedule they may come from, and the lists they are pulled by.

create table schedule (
  schedule_id   integer primary key,
  at_us         integer not null,
  actor         text,
  source        text not null,
  read          integer not null,
  added         integer not null,
  moved         integer not null,
  cancelled     integer not null,
  unchanged     integer not null,
  refused       integer not null
) strict;

create table appointment (
  appointment_id integer primary key,
  key           text not null unique check (key <> ''),
  mrn           text not null,
  mrn_key       text not null,
  clinic        text not null,
  custodian_id  integer references custodian (custodian_id),
  day           text not null,
  start_us      integer not null,
  provider      text,
  state         text not null check (state in ('booked', 'cancelled')),
  lacks         text,
  schedule_id   integer not null references schedule (schedule_id)
) strict;
create index appointment_day on appointment (day, clinic);
create index appointment_lacking on appointment (start_us) where lacks is not null;

create table clinic_wants (
  custodian_id  integer not null references custodian (custodian_id),
  record_type   text not null check (record_type <> ''),
  volumes       text not null check (volumes in ('newest', 'all')),
  primary key (custodian_id, record_type)
) strict, without rowid;

create table pull_list (
  pull_list_id  integer primary key,
  label         text not null unique check (label <> ''),
  custodian_id  integer not null references custodian (custodian_id),
  day           text not null,
  made_at_us    integer not null,
  printed_at_us integer,
  unique (custodian_id, day)
) strict;
create index pull_list_day on pull_list (day);

create table request (
  request_id    integer primary key,
  label         text not null unique check (label <> ''),
  volume_id     integer not null references volume (volume_id),
  to_id         integer not null references custodian (custodian_id),
  channel       text not null,
  requester     text not null check (requester <> ''),
  requester_id  integer references custodian (custodian_id),
  purpose       text not null,
  comment       text not null,
  priority      integer not null,
  needed_at_us  integer not null,
  asked_at_us   integer not null,
  asked_by      text,
  expires_at_us integer not null,
  state         text not null,
  steps         integer not null check (steps >= 1),
  closed_at_us  integer,
  appointment_id integer references appointment (appointment_id),
  pull_list_id  integer references pull_list (pull_list_id),
  form          text
) strict;
create index request_open on request (volume_id) where closed_at_us is null;
create index request_due on request (needed_at_us) where closed_at_us is null;
create index request_needed on request (needed_at_us, volume_id);
create index request_volume on request (volume_id, asked_at_us);
create index request_list on request (pull_list_id) where pull_list_id is not null;
create index request_appointment on request (appointment_id) where appointment_id is not null;
create index request_form on request (form) where form is not null;

create table request_step (
  step_id       integer primary key,
  request_id    integer not null references request (request_id),
  at_us         integer not null,
  step          text not null,
  was           text not null,
  why           text,
  actor         text,
  scan_no       integer references scan (scan_no),
  movement_no   integer
) strict;
create index request_step_request on request_step (request_id, step_id);
create index request_step_movement on request_step (movement_no) where movement_no is not null;

create table recall (
  recall_id     integer primary key,
  request_id    integer not null references request (request_id),
  volume_id     integer not null references volume (volume_id),
  holder_id     integer not null references custodian (custodian_id),
  asked_at_us   integer not null,
  asked_by      text,
  noticed_at_us integer,
  unique (request_id, holder_id)
) strict;
create index recall_unsent on recall (recall_id) where noticed_at_us is null;

create trigger request_step_is_kept before delete on request_step begin select raise(abort, 'steps are only added to'); end;
create trigger request_step_is_final before update on request_step begin select raise(abort, 'steps are only added to'); end;
