-- The whole schema of an Outguide database. Read this first.
--
-- Times are microseconds since 1970-01-01 UTC (`_us`). Numbers called `_no` count from 1 without gaps; ids are never
-- reused. Invariant: `scan`, `movement` and `audit` are only ever added to, and each row carries a SHA-256 over the row
-- before it and its own columns (store/chain.rs says how), so that a change made behind Outguide's back is found and
-- named. What is derived (volume.at_id, since_us, movement_no) can be recomputed from `movement`: `outguide verify`.

-- One row for the database itself.
create table site (
  site_id       integer primary key check (site_id = 1),
  epoch         blob not null check (length(epoch) = 16),   -- random, drawn when the database was made: tells a copy or
                                                            -- a restored backup from the original
  created_at_us integer not null
) strict;

-- Which migrations made this file what it is.
create table migration (
  version       integer primary key,                        -- equals pragma user_version after it ran
  name          text not null,
  sha256        blob not null check (length(sha256) = 32),  -- of the migration's text as it was applied
  applied_at_us integer not null
) strict;

-- Any place or holder: file area, clinic, ward, person, box.
create table custodian (
  custodian_id  integer primary key,
  code          text not null unique check (code <> ''),    -- what configuration, CSV files and labels call it
  name          text not null,                              -- what people call it
  kind          text not null,                              -- file-area, clinic, ward, …: store/custodians.rs
  parent_id     integer references custodian (custodian_id),-- the custodian that it is part of
  phone         text,                                       -- how to reach the holder
  filing_scheme text not null default 'td-2-2',             -- order of the folders on its shelves (tracking/filing.rs)
  volumes_home  integer not null default 0 check (volumes_home >= 0), -- volumes whose home it is; kept by imports
  created_at_us integer not null,
  mail          text,                                       -- where notices go
  due_rule      text not null default '',                   -- when what it has is due back (tracking/calendar.rs)
  closed_at_us  integer,                                    -- it takes no charts any more
  room          text                                        -- where it is found in the house
) strict;

-- When a place is open whose hours are not the file room's; what is part of it has the same.
create table custodian_hours (
  custodian_id  integer primary key references custodian (custodian_id),
  working_days  text not null,                              -- mon tue wed …
  opens         text not null,                              -- 08:00, by the room's clock
  closes        text not null,
  holidays      text not null                               -- days that it is closed, YYYY-MM-DD, with blanks between
) strict;

-- The kinds of records that are kept here.
create table record_type (
  record_type   text primary key check (record_type <> ''), -- as charts and lists call it
  title         text not null,                              -- what people call it
  home_id       integer references custodian (custodian_id),-- where a new one belongs, and so in which order it is filed
  due_rule      text not null default ''                    -- when it is due back from holders without a rule of their own
) strict, without rowid;

-- Somebody with a badge.
create table person (
  person_id     integer primary key,
  code          text not null unique check (code <> ''),    -- what lists and the journal call them
  name          text not null,
  created_at_us integer not null,
  left_at_us    integer                                     -- does not work here any more
) strict;

-- The least that is known of a patient.
create table patient (
  patient_id    integer primary key,
  name          text,
  born          text,                                       -- YYYY-MM-DD
  created_at_us integer not null,
  inpatient_since_us integer,                               -- in a ward since then: nothing is due back
  discharged_at_us integer                                  -- left it then
) strict;

-- What a patient was called before, and by which number. When and by whom is in the audit row. Only added to.
create table patient_change (
  patient_id    integer not null references patient (patient_id),
  audit_no      integer not null references audit (audit_no),
  what          text not null check (what in ('name', 'born', 'number', 'inpatient')),
  was           text,                                       -- null: it was not known
  primary key (patient_id, audit_no, what)
) strict, without rowid;

-- Few patients are in a ward, or left one: who is lent a chart is asked for these alone.
create index patient_stay on patient (patient_id) where inpatient_since_us is not null or discharged_at_us is not null;
create index patient_born on patient (born) where born is not null;

-- The words of each patient's name, each with each other (tracking/search/words.rs), so that two words in any order,
-- with a date of birth or without, are one look-up, and so is a word with an initial.
create table patient_word (
  word          text not null,                              -- as compared: without case, accents and punctuation
  other         text not null,                              -- another word of the name; empty: there is none
  born          integer not null,                           -- YYYYMMDD; 0: not known
  patient_id    integer not null,                           -- no foreign key: an import would look each up at a random place
  primary key (word, other, born, patient_id)
) strict, without rowid;

-- Keys that words share which differ by a slip (tracking/search/near.rs): few, as most names are shared by many.
create table word_key (
  key           integer not null,
  word          text not null,
  primary key (key, word)
) strict, without rowid;

-- There until the words of patients from before version 3 are filed: those up to done_to are.
create table name_fill (
  fill_id       integer primary key check (fill_id = 1),
  done_to       integer not null
) strict;

-- Every record number that ever meant a patient, by who gave it.
create table mrn (
  assigner      text not null default '',                   -- who numbers; empty: this site
  mrn_key       text not null,
  mrn           text not null,
  patient_id    integer not null references patient (patient_id),
  since_us      integer not null,
  until_us      integer,                                    -- retired by a merge
  primary key (assigner, mrn_key)
) strict, without rowid;
create index mrn_patient on mrn (patient_id);

-- A patient's paper record as a whole; owns one or more volumes.
create table chart (
  chart_id      integer primary key,
  mrn           text not null,                              -- medical record number as the site writes it
  mrn_key       text not null,                              -- the same without separators and leading zeros: compared
  record_type   text not null default 'medical',            -- medical, dental, …: one patient may have one of each
  created_at_us integer not null,
  patient_id    integer references patient (patient_id),
  state         text not null default 'active',             -- active, merge-due, merged, retired, destroyed
  temporary_for integer references chart (chart_id),        -- it stands in for that chart until they are united
  merged_into   integer references chart (chart_id),        -- the surviving chart, never one that is itself merged
  unique (mrn_key, record_type)
) strict;
create index chart_patient on chart (patient_id) where patient_id is not null;
create index chart_merged on chart (merged_into) where merged_into is not null;
create index chart_temporary on chart (temporary_for) where temporary_for is not null;
-- What a scan has to know of a chart is true of these alone: memory keeps them, and not five million rows.
create index chart_unusual on chart (chart_id) where state <> 'active' or temporary_for is not null or merged_into is not null;

-- One physical folder: the thing with the bar code.
create table volume (
  volume_id     integer primary key,
  chart_id      integer not null references chart (chart_id),
  number        integer not null check (number >= 1),       -- 1 for the first volume of a chart
  label         text not null,                              -- the key of its newest label
  home_id       integer not null references custodian (custodian_id), -- where it belongs
  filing_key    text not null,                              -- sorts as the shelves of its home do
  at_id         integer not null references custodian (custodian_id), -- derived: who has it now
  since_us      integer,                                    -- derived: when it was scanned there; null: it never moved
  movement_no   integer,                                    -- derived: the last movement of it, late ones included
  created_at_us integer not null,
  state         text not null default 'active',             -- active, merged, retired, destroyed
  in_transit    integer,                                    -- derived: 1 while it is on its way to at_id
  due_at_us     integer,                                    -- derived: when it should be back
  missing_since_us integer,                                 -- derived: flagged missing, and not seen since
  worn_at_us    integer,                                    -- its label was found worn
  sheets_in     integer references volume (volume_id),      -- where its sheets are now, never one that is itself merged:
                                                            -- its labels mean that volume
  label_due     integer,                                    -- its newest label is 1: to be printed; 2: printed, and not
                                                            -- scanned yet
  unique (chart_id, number)
) strict;
-- Most charts have one folder: a scan looks for others here first.
create index volume_further on volume (chart_id) where number > 1;
create index volume_sheets on volume (sheets_in) where sheets_in is not null;
create index volume_missing on volume (missing_since_us) where missing_since_us is not null;
create index volume_due on volume (due_at_us) where due_at_us is not null;
-- Who has what: only the volumes that are away, so that a movement touches a small tree even with millions of charts.
create index volume_away on volume (at_id, filing_key, home_id) where at_id <> home_id;
-- What is under way, the longest first: whatever was never received.
create index volume_transit on volume (since_us) where in_transit is not null;
-- The shelves of a file area, in order.
create index volume_home on volume (home_id, filing_key);
-- What is on its way, by where to: a few hundred rows however many charts there are.
create index volume_under_way on volume (at_id, since_us) where in_transit is not null;
-- Labels that somebody still has to print or stick on, in the order of the shelves.
create index volume_label_due on volume (home_id, filing_key) where label_due is not null;

-- Every label that ever meant something, the old ones included: a label resolves for ever.
create table label (
  kind          text not null check (kind in ('volume', 'custodian', 'person')),
  key           text not null check (key <> ''),
  target_id     integer not null,                           -- volume_id, custodian_id, …, by kind
  created_at_us integer not null,
  primary key (kind, key)
) strict, without rowid;

-- Checkpoints and scanners, numbered when they first appear in the configuration and never removed.
create table station (
  station_id    integer primary key,
  name          text not null unique
) strict;
create table source (
  source_id     integer primary key,
  name          text not null unique
) strict;

-- The journal: every frame that any scanner delivered, also the unknown and the refused.
create table scan (
  scan_no       integer primary key,
  scan_id       blob not null unique check (length(scan_id) = 16), -- made at the source: a repeated delivery is recognised
  station_id    integer not null references station (station_id),
  source_id     integer not null references source (source_id),
  scanned_at_us integer not null,                           -- by the clock of whoever scanned
  recorded_at_us integer not null,                          -- by this machine's clock
  entry         text not null check (entry in ('scanned', 'keyed')),
  operator      text,                                       -- who, if a badge or a sign-in told
  frame         blob not null,                              -- the bytes as they came, terminator taken off
  verdict       text not null,                              -- tracking/verdict.rs
  why           text,                                       -- what the clerk was told beyond the verdict
  volume_id     integer references volume (volume_id),      -- the volume whose label it was
  hash          blob not null check (length(hash) = 32),
  act           text                                        -- what it did at its station (tracking/grammar/act.rs)
) strict;
-- The last scans of a station and its counts, in the order of recording: a clock that is set back changes nothing.
create index scan_station on scan (station_id, scan_no, recorded_at_us, verdict);

-- Circulation history. Whereabouts follow from it.
create table movement (
  movement_no   integer primary key,
  volume_id     integer not null references volume (volume_id),
  previous_no   integer,                                    -- the movement of the same volume before this one: history is
                                                            -- a walk along these, and needs no index
  kind          text not null,                              -- tracking/grammar/act.rs
  from_id       integer not null references custodian (custodian_id),
  to_id         integer not null references custodian (custodian_id),
  late          integer not null check (late in (0, 1)),    -- 1: delivered after a later one; whereabouts ignore it
  scanned_at_us integer not null,
  recorded_at_us integer not null,
  entry         text not null check (entry in ('scanned', 'keyed')),
  station_id    integer references station (station_id),
  operator      text,
  scan_no       integer references scan (scan_no),          -- the scan that caused it; null: an import
  hash          blob not null check (length(hash) = 32),
  in_transit    integer,                                    -- 1: sent there, not yet received
  due_at_us     integer,                                    -- when it is due back from there
  missing_since_us integer,                                 -- since when it is missing, after this movement
  skip          text,                                       -- the scan that must have been left out before
  undoes_no     integer                                     -- the movement that this one takes back
) strict;

-- Movements before the time that a site keeps at hand are in a file of their own, but for the last of each volume
-- (store/archive). No foreign key names a movement: it may be there.
create table archive (
  archive_id    integer primary key check (archive_id = 1),
  moved_to      integer not null check (moved_to >= 0),     -- movements up to this one are there, or the last of their volume
  last_no       integer,                                    -- the last one there (null: none), and its hash: it is the archive of this
  last_hash     blob check (length(last_hash) = 32)         -- database, and whole at its end
) strict;

-- Which scans were left out, by who should have made them.
create index movement_skip on movement (from_id, recorded_at_us) where skip is not null;
-- What arrived where, and when.
create index movement_received on movement (to_id, recorded_at_us) where kind in ('received', 'unpacked');

-- When a volume is due back otherwise than its last movement says: its patient was admitted to a ward, or discharged. The
-- last row of a movement counts. Only added to.
create table due_change (
  volume_id     integer not null references volume (volume_id),
  movement_no   integer not null,
  audit_no      integer not null references audit (audit_no),
  due_at_us     integer,
  primary key (volume_id, movement_no, audit_no)
) strict, without rowid;

-- Who did what: one row for every change, written in the transaction that makes it.
create table audit (
  audit_no      integer primary key,
  at_us         integer not null,
  action        text not null,                              -- scan, import, work-item, station, …
  actor         text,                                       -- operator or program; null: nobody known
  scan_no       integer references scan (scan_no),
  movement_no   integer,
  detail        text,                                       -- what a reader needs to know; never a name
  hash          blob not null check (length(hash) = 32)
) strict;

-- What somebody has to look at: labels that nobody knows, folders that are to be combined.
create table work_item (
  work_item_id  integer primary key,
  kind          text not null,                              -- unknown-label, combine-folders, …
  key           text not null,                              -- the label as it was read; else what tells it from others
  station_id    integer references station (station_id),    -- where it was seen last
  scan_no       integer references scan (scan_no),          -- the last scan of it
  times         integer not null check (times >= 1),
  opened_at_us  integer not null,
  seen_at_us    integer not null,
  closed_at_us  integer,
  closed_why    text,
  chart_id      integer references chart (chart_id)         -- which chart it is about
) strict;
create unique index work_item_open on work_item (kind, key) where closed_at_us is null;

-- Charts that are suspected, looked for, found (missing/case.rs): one open case for each volume.
create table missing_case (
  case_id       integer primary key,
  volume_id     integer not null references volume (volume_id),
  level         text not null,                              -- suspected, searching, missing, …
  discovered_at_us integer not null,                        -- when it was suspected first: never changes
  movement_no   integer,                                    -- the volume's last movement then
  last_seen     text not null,                              -- what the record said then: home, sorting, …
  answerable_id integer not null references custodian (custodian_id), -- its last recorded holder: never changes
  suspicion     real not null,                              -- chance that it is not where the record says
  needed_at_us  integer,                                    -- when somebody needs it
  needed_by_id  integer references custodian (custodian_id),-- who
  changed_at_us integer not null,                           -- when the level changed last
  closed_at_us  integer,                                    -- found, or cleared
  found_at_id   integer references custodian (custodian_id),-- who scanned it then
  found_clue    text,                                       -- what explains it best (missing/plan/clue.rs)
  found_place   text,                                       -- where it was (missing/plan/place.rs)
  reason        text,                                       -- why it was not where the record said (missing/case.rs)
  reason_words  text                                        -- the same, or why it was given up, as somebody put it
) strict;
create unique index missing_open on missing_case (volume_id) where closed_at_us is null;
create index missing_case_volume on missing_case (volume_id);
create index missing_past on missing_case (volume_id, closed_at_us) where closed_at_us is not null;
create index missing_closed on missing_case (closed_at_us) where closed_at_us is not null;
create trigger missing_is_kept before delete on missing_case begin select raise(abort, 'cases are kept'); end;
create trigger missing_discovery before update of discovered_at_us, volume_id, answerable_id on missing_case
  begin select raise(abort, 'when a case was discovered does not change'); end;

-- Every level of a case, and who said so. Only added to.
create table missing_step (
  step_id       integer primary key,
  case_id       integer not null references missing_case (case_id),
  at_us         integer not null,
  level         text not null,
  actor         text,                                       -- null: evidence alone
  why           text
) strict;
create index missing_step_case on missing_step (case_id, step_id);
create trigger missing_step_is_kept before delete on missing_step begin select raise(abort, 'steps are only added to'); end;
create trigger missing_step_is_final before update on missing_step begin select raise(abort, 'steps are only added to'); end;

-- What spoke for a case, each once.
create table missing_sign (
  case_id       integer not null references missing_case (case_id),
  sign          text not null,                              -- missing/case.rs
  at_us         integer not null,                           -- when it was first seen
  primary key (case_id, sign)
) strict, without rowid;

-- Looked, not there.
create table missing_look (
  look_id       integer primary key,
  case_id       integer not null references missing_case (case_id),
  place         text not null,                              -- missing/plan/place.rs
  how           text not null,                              -- glance, shelf-by-shelf
  looker        text,                                       -- who: code of a person
  at_us         integer not null
) strict;
create index missing_look_case on missing_look (case_id, look_id);

-- Who is on the way to which place, so that two searchers do not meet.
create table missing_claim (
  case_id       integer not null references missing_case (case_id),
  place         text not null,
  who           text not null,
  until_us      integer not null,                           -- then it is anybody's again
  primary key (case_id, place)
) strict, without rowid;

-- Bar codes of search sheets: two for each line.
create table missing_code (
  code_id       integer primary key,
  label         text not null unique check (label <> ''),
  case_id       integer not null references missing_case (case_id),
  place         text not null,
  is_found      integer not null check (is_found in (0, 1)),-- 1: found there; 0: looked, not there
  line          integer not null,                           -- of the sheet that was printed first
  told_at_us    integer,                                    -- when it was scanned last
  unique (case_id, place, is_found)
) strict;

-- Rooms that were gone through with SIGHTED, until what was not seen there is weighed no more.
create table missing_round (
  round_id      integer primary key,
  custodian_id  integer not null references custodian (custodian_id),
  since_us      integer not null,                           -- when it began
  done_us       integer not null
) strict;
create index missing_round_done on missing_round (done_us);

-- What this site's finds have taught: how many charts were found by each clue, and where those of a holder were.
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
-- File areas without order: on which shelf a folder stands, until it comes home again. The journal has the scans that
-- said so.
create table shelved (
  volume_id     integer primary key references volume (volume_id),
  shelf_id      integer not null references custodian (custodian_id), -- a custodian of kind shelf, part of the area
  since_us      integer not null
) strict;

-- Where boxes and totes went, each with all that was in it: its charts are at the box, and custodian.parent_id is where the
-- box is.
create table box_move (
  box_move_id   integer primary key,
  box_id        integer not null references custodian (custodian_id),
  from_id       integer references custodian (custodian_id),-- where it was, if that was known
  to_id         integer not null references custodian (custodian_id),
  in_transit    integer,                                    -- 1: sent there, not yet received
  charts        integer not null check (charts >= 0),       -- how many were in it
  opened        integer,                                    -- 1: they were taken out there, a movement each
  at_us         integer not null,                           -- when it was recorded
  operator      text,
  scan_no       integer not null references scan (scan_no)
) strict;
create index box_move_box on box_move (box_id, box_move_id);
create index box_move_under_way on box_move (to_id, at_us) where in_transit is not null;
create trigger box_move_is_kept before delete on box_move begin select raise(abort, 'history is only added to'); end;
create trigger box_move_is_final before update on box_move begin select raise(abort, 'history is only added to'); end;

-- Two charts that became one: two numbers of a patient, or a temporary chart and the real one. Until its folders are
-- combined, the retired chart keeps them, and undoing takes nothing but the pointer away.
create table merge (
  merge_id      integer primary key,
  kind          text not null check (kind in ('number', 'temporary')),
  survivor_id   integer not null references chart (chart_id), -- as it was asked for; chart.merged_into says where that is now
  retired_id    integer not null references chart (chart_id),
  audit_no      integer not null references audit (audit_no), -- when and by whom; the same for all charts of a number
  work_item_id  integer references work_item (work_item_id),-- the task to combine the folders; null: there were none
  merged_at_us  integer not null,
  survivor_state text not null,                             -- the charts' states before, for undoing
  retired_state text not null,
  patient_id    integer references patient (patient_id),    -- whom the retired number meant before
  lent_patient_id integer references patient (patient_id),-- whom the surviving number means since, if it meant nobody
  combined_at_us integer,                                   -- its last folder was combined
  undone_at_us  integer
) strict;
create index merge_survivor on merge (survivor_id);
create index merge_retired on merge (retired_id);

-- What each folder of a retired chart was before it was combined.
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

-- What happened to a chart besides movements: its timeline. When and by whom is in the audit row.
create table chart_event (
  chart_id      integer not null references chart (chart_id),
  audit_no      integer not null references audit (audit_no),
  kind          text not null,                              -- store/timeline.rs
  other_id      integer references chart (chart_id),        -- the other chart
  volume_id     integer references volume (volume_id),
  number        integer,                                    -- of the volume, as it was called then
  label         text,                                       -- the key of the label
  why           text,                                       -- what somebody gave as the reason, or from where to where
  primary key (chart_id, audit_no)
) strict, without rowid;

-- Who was asked for which chart: written in the transaction that decides it, sent by another task until it is taken.
create table notice (
  notice_id     integer primary key,
  step          text not null check (step <> ''),           -- of the ladder, or needed, found
  to_id         integer not null references custodian (custodian_id),-- who gets it
  channel       text not null check (channel in ('mail', 'webhook', 'slip')),
  address       text,                                       -- of mail, when it was written; null: goes to the site's program, or is a slip
  state         text not null check (state in ('queued', 'sent', 'refused', 'withdrawn')),-- sent: the server has taken it, or it was printed;
                                                            -- withdrawn: all charts came back before it was sent
  created_at_us integer not null,
  tries         integer not null default 0 check (tries >= 0),-- it may have arrived if this is not 0
  next_try_us   integer not null,                           -- when it may be tried again
  ended_at_us   integer,                                    -- when it left the queue
  told          text,                                       -- what the server said last
  message_id    text,                                       -- frozen at the first try, with what follows: a repeat is the same
  subject       text,
  body          text
) strict;
create index notice_queued on notice (state, notice_id) where state = 'queued';
create index notice_to on notice (to_id, created_at_us);
create index notice_created on notice (created_at_us);

create table notice_volume (
  notice_id     integer not null references notice (notice_id),
  volume_id     integer not null references volume (volume_id),
  stay_no       integer not null,                           -- the movement that put the volume there: asked once a step for each
  step          text not null,
  to_id         integer not null references custodian (custodian_id),
  needed_at_us  integer,                                    -- when somebody else needs it
  row_no        integer not null unique,                    -- in the bar codes of its answers on paper
  settled_at_us integer,                                    -- it was scanned elsewhere since
  primary key (notice_id, volume_id)
) strict, without rowid;
create unique index notice_once on notice_volume (volume_id, stay_no, step, to_id);
create index notice_open on notice_volume (volume_id) where settled_at_us is null;

create table notice_answer (
  answer_id     integer primary key,
  notice_id     integer not null references notice (notice_id),
  volume_id     integer not null references volume (volume_id),
  stay_no       integer not null,
  answer        text not null,                              -- here, returned, passed, never (notice/mod.rs)
  detail        text,                                       -- the day, or to whom
  at_us         integer not null,
  actor         text,
  scan_no       integer references scan (scan_no)           -- the scan of a slip's bar code, if it was one
) strict;
create index notice_answer_volume on notice_answer (volume_id, stay_no);

create trigger scan_is_kept before delete on scan begin select raise(abort, 'the journal is only added to'); end;
create trigger scan_is_final before update on scan begin select raise(abort, 'the journal is only added to'); end;
create trigger movement_is_kept before delete on movement
  when old.movement_no > coalesce((select moved_to from archive), 0)
  begin select raise(abort, 'history is only added to'); end;
create trigger movement_is_final before update on movement begin select raise(abort, 'history is only added to'); end;
create trigger audit_is_kept before delete on audit begin select raise(abort, 'the audit log is only added to'); end;
create trigger audit_is_final before update on audit begin select raise(abort, 'the audit log is only added to'); end;
create trigger chart_event_is_kept before delete on chart_event begin select raise(abort, 'a timeline is only added to'); end;
create trigger chart_event_is_final before update on chart_event begin select raise(abort, 'a timeline is only added to'); end;
create trigger patient_change_is_kept before delete on patient_change begin select raise(abort, 'changes are only added to'); end;
create trigger patient_change_is_final before update on patient_change begin select raise(abort, 'changes are only added to'); end;
create trigger due_change_is_kept before delete on due_change begin select raise(abort, 'changes are only added to'); end;
create trigger due_change_is_final before update on due_change begin select raise(abort, 'changes are only added to'); end;

-- One schedule that came in, and what it did.
create table schedule (
  schedule_id   integer primary key,
  at_us         integer not null,
  actor         text,
  source        text not null,                              -- page, api
  read          integer not null,                           -- lines
  added         integer not null,
  moved         integer not null,
  cancelled     integer not null,
  unchanged     integer not null,
  refused       integer not null                            -- lines that made no sense
) strict;

-- A patient at a clinic, as the schedules say. It wants charts: see request.
create table appointment (
  appointment_id integer primary key,
  key           text not null unique check (key <> ''),     -- the schedule's own id, or number, clinic and start
  mrn           text not null,
  mrn_key       text not null,
  clinic        text not null,                              -- as the schedule writes it
  custodian_id  integer references custodian (custodian_id),-- null: no such clinic is on file
  day           text not null,                              -- YYYY-MM-DD, by the room's clock
  start_us      integer not null,
  provider      text,
  state         text not null check (state in ('booked', 'cancelled')),
  lacks         text,                                       -- why nothing is requested for it: clinic, chart, record-type, folder
  schedule_id   integer not null references schedule (schedule_id)-- which import said so last
) strict;
create index appointment_day on appointment (day, clinic);
create index appointment_lacking on appointment (start_us) where lacks is not null;

-- What is pulled for an appointment; a clinic without a row wants the newest volume of the medical record.
create table clinic_wants (
  custodian_id  integer not null references custodian (custodian_id),
  record_type   text not null check (record_type <> ''),
  volumes       text not null check (volumes in ('newest', 'all')),-- newest, all
  primary key (custodian_id, record_type)
) strict, without rowid;

-- What is pulled for one clinic and day, in one walk.
create table pull_list (
  pull_list_id  integer primary key,
  label         text not null unique check (label <> ''),   -- key of its own bar code
  custodian_id  integer not null references custodian (custodian_id),
  day           text not null,
  made_at_us    integer not null,
  printed_at_us integer,                                    -- when it was printed last: what is newer is an update
  unique (custodian_id, day)
) strict;
create index pull_list_day on pull_list (day);

-- Somebody wants a volume somewhere by some time.
create table request (
  request_id    integer primary key,
  label         text not null unique check (label <> ''),   -- key of its slip's bar code
  volume_id     integer not null references volume (volume_id),
  to_id         integer not null references custodian (custodian_id),-- to whom it is delivered
  channel       text not null,                              -- tracking/request/asking.rs
  requester     text not null check (requester <> ''),      -- who asked
  requester_id  integer references custodian (custodian_id),-- the same, if it is a custodian
  purpose       text not null,
  comment       text not null,
  priority      integer not null,                           -- 0 routine, 1 urgent, 2 stat
  needed_at_us  integer not null,
  asked_at_us   integer not null,
  asked_by      text,
  expires_at_us integer not null,                           -- when it is over if nobody came for it
  state         text not null,                              -- derived: tracking/request/state.rs
  steps         integer not null check (steps >= 1),        -- derived: how many; tells a stale form
  closed_at_us  integer,                                    -- derived: nobody waits any more
  appointment_id integer references appointment (appointment_id),
  pull_list_id  integer references pull_list (pull_list_id),
  form          text                                        -- key of the form that it came by: a second submit is recognised
) strict;
create index request_open on request (volume_id) where closed_at_us is null;
create index request_due on request (needed_at_us) where closed_at_us is null;
create index request_needed on request (needed_at_us, volume_id);
create index request_volume on request (volume_id, asked_at_us);
create index request_list on request (pull_list_id) where pull_list_id is not null;
create index request_appointment on request (appointment_id) where appointment_id is not null;
create index request_form on request (form) where form is not null;

-- What happened to a request. Only added to.
create table request_step (
  step_id       integer primary key,
  request_id    integer not null references request (request_id),
  at_us         integer not null,
  step          text not null,
  was           text not null,                              -- the state before
  why           text,
  actor         text,
  scan_no       integer references scan (scan_no),          -- the scan that did it
  movement_no   integer                                     -- the movement: taken back, it takes the step back
) strict;
create index request_step_request on request_step (request_id, step_id);
create index request_step_movement on request_step (movement_no) where movement_no is not null;

-- A holder who is asked to give a volume back, because somebody else waits for it.
create table recall (
  recall_id     integer primary key,
  request_id    integer not null references request (request_id),
  volume_id     integer not null references volume (volume_id),
  holder_id     integer not null references custodian (custodian_id),
  asked_at_us   integer not null,
  asked_by      text,
  noticed_at_us integer,                                    -- when a notice was written, or none was needed any more; null: one is owed
  unique (request_id, holder_id)
) strict;
create index recall_unsent on recall (recall_id) where noticed_at_us is null;

create trigger request_step_is_kept before delete on request_step begin select raise(abort, 'steps are only added to'); end;
create trigger request_step_is_final before update on request_step begin select raise(abort, 'steps are only added to'); end;

-- Somebody, or a screen, that may come in. Never removed: the journal and the audit log name it.
create table account (
  account_id    integer primary key,
  name          text not null unique check (name <> ''),    -- what is typed to sign in, and what records call it
  full_name     text not null,                              -- what people read
  role          text not null,                              -- access/role.rs
  station       text,                                       -- the station that a display shows
  password      text,                                       -- Argon2id as a PHC string; null: none was chosen yet
  code_hash     blob unique check (length(code_hash) = 32), -- SHA-256 of the code that lets choose one, once
  code_until_us integer,                                    -- how long that code is good
  created_at_us integer not null,
  closed_at_us  integer                                     -- may not come in any more
) strict;

-- A browser that somebody signed in with. Ended ones stay for a while, so that a cookie that comes back is known.
create table sign_in (
  sign_in_id    integer primary key,
  hash          blob not null unique check (length(hash) = 32), -- SHA-256 of the cookie
  account_id    integer not null references account (account_id),
  address       text not null,                              -- where from
  made_at_us    integer not null,
  used_at_us    integer not null,                           -- to the minute
  ended_at_us   integer,
  screen_id     integer                                     -- made at a desk: the sign-in of its screen, without which
                                                            -- the cookie is worth nothing
) strict;
create index sign_in_open on sign_in (account_id) where ended_at_us is null;
create index sign_in_used on sign_in (account_id, used_at_us);

-- With a badge and a PIN somebody signs in at a station's screen.
create table pin (
  account_id    integer primary key references account (account_id),
  person_id     integer not null unique references person (person_id), -- whose badge goes with it
  pin           text not null,                              -- Argon2id as a PHC string
  set_at_us     integer not null
) strict;

-- What programs come in with.
create table api_token (
  api_token_id  integer primary key,
  name          text not null check (name <> ''),           -- which program
  hash          blob not null unique check (length(hash) = 32), -- SHA-256 of the token
  scopes        text not null,                              -- names of permissions with blanks between them
  made_by       text not null,                              -- name of an account
  made_at_us    integer not null,
  used_at_us    integer,                                    -- to the minute
  until_us      integer,
  ended_at_us   integer
) strict;

-- Failures to sign in, by account and by address: the next try has to wait (access/throttle.rs).
create table tries (
  key           text primary key check (key <> ''),         -- account:7, address:192.0.2.7, or name: and a hash
  failures      integer not null check (failures >= 1),
  last_us       integer not null
) strict, without rowid;

-- Charts that are opened with a reason only; those merged into them and standing in for them are so, too.
create table restriction (
  chart_id      integer primary key references chart (chart_id),
  since_us      integer not null,
  made_by       text,
  why           text not null
) strict;

-- Restricted charts that somebody opened. The audit log has them, too; here is what the privacy office still has to read.
create table glass (
  glass_id      integer primary key,
  chart_id      integer not null references chart (chart_id),
  session       text not null,                              -- sign-in 7, account 3 (by a proxy), token 2
  actor         text not null,
  why           text not null check (why <> ''),
  at_us         integer not null,
  until_us      integer not null,                           -- how long it stays open for that session
  looked_at_us  integer,                                    -- when the privacy office looked at it
  looked_by     text
) strict;
create index glass_open on glass (chart_id, session, until_us);
create index glass_news on glass (glass_id) where looked_at_us is null;

-- The audit log by person and by chart, of what is no scan: scans are found by other ways (store/audit_log.rs).
create index audit_actor on audit (actor, audit_no) where scan_no is null;
create table audit_chart (
  chart_id      integer not null,                           -- derived: the charts that the row's detail names
  audit_no      integer not null references audit (audit_no),
  primary key (chart_id, audit_no)
) strict, without rowid;
