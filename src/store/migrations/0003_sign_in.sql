-- Who may come in: accounts, their sign-ins, tokens of programs, and failures that make the next guess wait.
create table account (
  account_id    integer primary key,
  name          text not null unique check (name <> ''),
  full_name     text not null,
  role          text not null,
  station       text,
  password      text,
  code_hash     blob unique check (length(code_hash) = 32),
  code_until_us integer,
  created_at_us integer not null,
  closed_at_us  integer
) strict;

create table sign_in (
  sign_in_id    integer primary key,
  hash          blob not null unique check (length(hash) = 32),
  account_id    integer not null references account (account_id),
  address       text not null,
  made_at_us    integer not null,
  used_at_us    integer not null,
  ended_at_us   integer
) strict;
create index sign_in_open on sign_in (account_id) where ended_at_us is null;
create index sign_in_used on sign_in (account_id, used_at_us);

create table api_token (
  api_token_id  integer primary key,
  name          text not null check (name <> ''),
  hash          blob not null unique check (length(hash) = 32),
  scopes        text not null,
  made_by       text not null,
  made_at_us    integer not null,
  used_at_us    integer,
  until_us      integer,
  ended_at_us   integer
) strict;

create table tries (
  key           text primary key check (key <> ''),
  failures      integer not null check (failures >= 1),
  last_us       integer not null
) strict, without rowid;
