-- Patients are found by name and date of birth.
create table patient_word (
  word          text not null,
  other         text not null,
  born          integer not null,
  patient_id    integer not null,
  primary key (word, other, born, patient_id)
) strict, without rowid;

create table word_key (
  key           integer not null,
  word          text not null,
  primary key (key, word)
) strict, without rowid;

create table name_fill (
  fill_id       integer primary key check (fill_id = 1),
  done_to       integer not null
) strict;
insert into name_fill (fill_id, done_to) values (1, 0);

create index patient_born on patient (born) where born is not null;
create index chart_patient on chart (patient_id) where patient_id is not null;
create index mrn_patient on mrn (patient_id);
