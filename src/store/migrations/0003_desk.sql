-- Desks that many share: a badge and a PIN sign somebody in at a station's screen.
create table pin (
  account_id    integer primary key references account (account_id),
  person_id     integer not null unique references person (person_id),
  pin           text not null,
  set_at_us     integer not null
) strict;
alter table sign_in add column screen_id integer;
