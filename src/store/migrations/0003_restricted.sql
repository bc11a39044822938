-- Charts that are opened with a reason only, and who opened them.
create table restriction (
  chart_id      integer primary key references chart (chart_id),
  since_us      integer not null,
  made_by       text,
  why           text not null
) strict;

create table glass (
  glass_id      integer primary key,
  chart_id      integer not null references chart (chart_id),
  session       text not null,
  actor         text not null,
  why           text not null check (why <> ''),
  at_us         integer not null,
  until_us      integer not null,
  looked_at_us  integer,
  looked_by     text
) strict;
create index glass_open on glass (chart_id, session, until_us);
create index glass_news on glass (glass_id) where looked_at_us is null;
