-- The tables of the index. Everything here is derived from runs/, imports/, systems.toml and the
-- project's reference data: deleting the index loses nothing. Plain SQL that a DuckDB 1.5 client reads.
-- Columns of long or random texts say how they are packed: what DuckDB would choose takes ten times longer to write.
-- A change here, as in any .sql or data file, gives the index another label: older ones are then built anew.

CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR);
COMMENT ON TABLE meta IS 'Facts about this index: schema, generation, program version, hash of systems.toml';

CREATE TABLE folders (folder VARCHAR PRIMARY KEY, runs INTEGER, bytes BIGINT);
COMMENT ON TABLE folders IS 'Run folders that this index has taken in';

CREATE TABLE quarantine (folder VARCHAR, file VARCHAR, reason VARCHAR);
COMMENT ON TABLE quarantine IS 'Run folders left out because a file in them is damaged, with the reason';

CREATE TABLE runs (
    run_id VARCHAR USING COMPRESSION zstd PRIMARY KEY, folder VARCHAR NOT NULL,
    system VARCHAR NOT NULL, base_model VARCHAR, base_revision VARCHAR, recipe VARCHAR, shots INTEGER, prompt VARCHAR,
    identity VARCHAR, identity_why VARCHAR, found_name VARCHAR, found_path VARCHAR,
    task VARCHAR NOT NULL, split VARCHAR, subset VARCHAR, task_version VARCHAR, dataset_revision VARCHAR,
    filter VARCHAR, prompt_hash VARCHAR, item_limit INTEGER,
    train_seed BIGINT, eval_seed BIGINT, step BIGINT, checkpoint VARCHAR, train_language VARCHAR, selection VARCHAR,
    tool VARCHAR, tool_version VARCHAR, date VARCHAR, importer VARCHAR, importer_version INTEGER,
    config VARCHAR USING COMPRESSION zstd, source_path VARCHAR USING COMPRESSION zstd,
    source_sha256 VARCHAR USING COMPRESSION zstd, source_key VARCHAR,
    items_path VARCHAR, n_items BIGINT, items_partial VARCHAR, texts_path VARCHAR, found VARCHAR,
    superseded_by VARCHAR, hidden BOOLEAN DEFAULT false, hidden_why VARCHAR, written VARCHAR
);
COMMENT ON TABLE runs IS 'One row a run: one system on one task, one train seed, one split, one checkpoint';
COMMENT ON COLUMN runs.run_id IS 'Hash of what the run is: its sources, its key in them, its importer; or the resolved evaluation';
COMMENT ON COLUMN runs.folder IS 'Its folder below runs/';
COMMENT ON COLUMN runs.base_model IS 'The pretrained model; NULL unknown';
COMMENT ON COLUMN runs.shots IS 'Examples in the prompt';
COMMENT ON COLUMN runs.identity_why IS 'What the identity was taken from';
COMMENT ON COLUMN runs.found_name IS 'Its name as the files have it';
COMMENT ON COLUMN runs.found_path IS 'Its folder below the imported one';
COMMENT ON COLUMN runs.task IS 'Target task; the file''s own name where it is unknown';
COMMENT ON COLUMN runs.task_version IS 'The tool''s version of the task';
COMMENT ON COLUMN runs.dataset_revision IS 'Version of the data set, where the file says one';
COMMENT ON COLUMN runs.filter IS 'How answers were taken from the output (lm-eval)';
COMMENT ON COLUMN runs.prompt_hash IS 'Hash of the prompt template';
COMMENT ON COLUMN runs.eval_seed IS 'Seed of the evaluation, not of the training';
COMMENT ON COLUMN runs.step IS 'Training step of the checkpoint';
COMMENT ON COLUMN runs.train_language IS 'Language trained in; NULL: the task''s usual one';
COMMENT ON COLUMN runs.selection IS 'What the checkpoint was chosen on';
COMMENT ON COLUMN runs.config IS 'What the file or evaluation says of its settings (JSON)';
COMMENT ON COLUMN runs.source_path IS 'The first file that it was read from';
COMMENT ON COLUMN runs.n_items IS 'Rows of per-item outputs';
COMMENT ON COLUMN runs.items_partial IS 'Why the items are not all of them';
COMMENT ON COLUMN runs.hidden IS 'Taken out of view (intermezzo runs hide)';
COMMENT ON COLUMN runs.hidden_why IS 'The reason given';
COMMENT ON COLUMN runs.system IS 'Base model + recipe (+ shots and prompt): a row of the matrix';
COMMENT ON COLUMN runs.recipe IS 'What was done before the target task: direct, mnli, a > b, a + b; NULL unknown';
COMMENT ON COLUMN runs.identity IS 'known (systems.toml says so), guessed (from the files), unknown';
COMMENT ON COLUMN runs.item_limit IS 'Only the first so many items were evaluated; NULL: all';
COMMENT ON COLUMN runs.train_seed IS 'Seed of the training; NULL unknown or untrained';
COMMENT ON COLUMN runs.items_path IS 'Where the per-item outputs are, relative to the store folder';
COMMENT ON COLUMN runs.source_key IS 'The key inside the source that tells this run from its siblings there';
COMMENT ON COLUMN runs.texts_path IS 'Where the texts of its items are, relative to the store folder';
COMMENT ON COLUMN runs.found IS 'Who the files say it is about (JSON): what systems.toml is matched with';
COMMENT ON COLUMN runs.superseded_by IS 'A later run that replaces this one';

CREATE TABLE replacements (run_id VARCHAR NOT NULL, replaces VARCHAR NOT NULL);
COMMENT ON TABLE replacements IS 'Which run says of itself that it replaces which';

CREATE TABLE scores (
    run_id VARCHAR NOT NULL, metric VARCHAR NOT NULL, value DOUBLE, language VARCHAR, language_2 VARCHAR,
    implementation VARCHAR, n BIGINT, stderr DOUBLE, scope VARCHAR NOT NULL, evidence VARCHAR NOT NULL,
    logged DOUBLE, item_set VARCHAR, subject VARCHAR, locator VARCHAR, gap VARCHAR
);
COMMENT ON TABLE scores IS 'Run x language x metric -> value, as written; values in the metric''s natural unit';
COMMENT ON COLUMN scores.value IS 'Natural unit: 0..1 where the metric has it; NULL is a gap';
COMMENT ON COLUMN scores.language IS 'Canonical BCP 47 code';
COMMENT ON COLUMN scores.n IS 'Items behind the value';
COMMENT ON COLUMN scores.stderr IS 'Standard error over items';
COMMENT ON COLUMN scores.scope IS 'language, macro or group';
COMMENT ON COLUMN scores.subject IS 'What the value is about where that is no known language';
COMMENT ON COLUMN scores.locator IS 'Where in the source it stands';
COMMENT ON COLUMN scores.language_2 IS 'The other language of a cross-lingual pair';
COMMENT ON COLUMN scores.evidence IS 'Rung: published, logged, recomputed, measured';
COMMENT ON COLUMN scores.logged IS 'What the tool''s own file says, where the value was recomputed';
COMMENT ON COLUMN scores.item_set IS 'Hash of the ids of the items behind the value';
COMMENT ON COLUMN scores.gap IS 'Why there is no value';

CREATE TABLE sources (
    path VARCHAR NOT NULL USING COMPRESSION zstd, sha256 VARCHAR USING COMPRESSION zstd, size BIGINT, mtime_ns BIGINT,
    importer VARCHAR, importer_version INTEGER,
    status VARCHAR NOT NULL, reason VARCHAR, runs INTEGER, written VARCHAR
);
COMMENT ON TABLE sources IS 'The files that runs were read from, and those that were refused or are waited for';
COMMENT ON COLUMN sources.mtime_ns IS 'Time of its last change, nanoseconds';
COMMENT ON COLUMN sources.reason IS 'What was guessed, or why it was refused or is waited for';
COMMENT ON COLUMN sources.runs IS 'Runs read from it';
COMMENT ON COLUMN sources.written IS 'When the last of them was written into the store';
COMMENT ON COLUMN sources.status IS 'read, guessed (something had to be guessed: reason), refused, waiting';

CREATE TABLE language_codes (
    language VARCHAR PRIMARY KEY, name VARCHAR, iso639_3 VARCHAR, script VARCHAR, family VARCHAR
);
COMMENT ON TABLE language_codes IS 'Canonical BCP 47 codes with ISO 639-3, usual script and top-level family (Glottolog, CC BY 4.0)';
COMMENT ON COLUMN language_codes.language IS 'Canonical BCP 47 code';
COMMENT ON COLUMN language_codes.family IS 'Top-level family; isolate where it has none';

CREATE TABLE tasks (
    task VARCHAR PRIMARY KEY, title VARCHAR, task_group VARCHAR, xtreme_group VARCHAR, kind VARCHAR,
    primary_metric VARCHAR, parallel BOOLEAN, train_language VARCHAR, chance DOUBLE, position INTEGER
);
COMMENT ON TABLE tasks IS 'Target tasks that this program knows';
COMMENT ON COLUMN tasks.primary_metric IS 'What the matrix shows';
COMMENT ON COLUMN tasks.chance IS 'Score of guessing';
COMMENT ON COLUMN tasks.position IS 'Order in the matrix';
COMMENT ON COLUMN tasks.parallel IS 'Items correspond across languages by item_id';

CREATE TABLE task_languages (task VARCHAR, language VARCHAR, items BIGINT);
COMMENT ON TABLE task_languages IS 'The languages that a task has, with their test items, where that is known (XTREME''s nine)';
COMMENT ON COLUMN task_languages.items IS 'Test items';

CREATE TABLE base_models (base_model VARCHAR PRIMARY KEY, family VARCHAR);
COMMENT ON TABLE base_models IS 'The base models of the runs, with the family that their names say';
COMMENT ON COLUMN base_models.family IS 'E.g. XLM-R for all sizes of it';

CREATE TABLE metrics (
    metric VARCHAR PRIMARY KEY, title VARCHAR, low DOUBLE, high DOUBLE, unit_interval BOOLEAN,
    higher_is_better BOOLEAN, kind VARCHAR, mean_for VARCHAR[], tolerance DOUBLE
);
COMMENT ON TABLE metrics IS 'Range, scale and direction of each metric; unit-interval ones are shown x 100';
COMMENT ON COLUMN metrics.unit_interval IS 'Values live in 0..1 and are shown x 100';
COMMENT ON COLUMN metrics.kind IS 'mean: a mean over items; corpus: from counts; other';
COMMENT ON COLUMN metrics.mean_for IS 'Kinds of task for which a corpus metric is a plain mean';
COMMENT ON COLUMN metrics.tolerance IS 'Greatest difference of recomputed and logged that is no mismatch';

CREATE TABLE implementations (implementation VARCHAR, metric VARCHAR, alternate BOOLEAN);
COMMENT ON TABLE implementations IS 'Named ways to compute a metric; an alternate one is shown only when asked for';

CREATE TABLE systems (
    system VARCHAR, base_model VARCHAR, model_family VARCHAR, recipe VARCHAR, shots INTEGER, prompt VARCHAR, identity VARCHAR,
    identity_why VARCHAR, runs BIGINT, train_seeds BIGINT, found_names VARCHAR[], baseline VARCHAR
);
COMMENT ON TABLE systems IS 'Rows of the matrix: base model + recipe (+ shots and prompt)';
COMMENT ON COLUMN systems.system IS 'Its label: a row of the matrix';
COMMENT ON COLUMN systems.model_family IS 'Family of the base model, sizes and versions apart: XLM-R';
COMMENT ON COLUMN systems.identity IS 'known, guessed or unknown';
COMMENT ON COLUMN systems.identity_why IS 'What the identity was taken from';
COMMENT ON COLUMN systems.train_seeds IS 'Seeds of its runs';
COMMENT ON COLUMN systems.found_names IS 'Names in the files that mean it';
COMMENT ON COLUMN systems.baseline IS 'The direct recipe of the same base model, if the store has it';

CREATE TABLE yardsticks (
    yardstick VARCHAR, task VARCHAR, split VARCHAR, subset VARCHAR, task_version VARCHAR, filter VARCHAR,
    item_limit INTEGER, metric VARCHAR, implementation VARCHAR, systems BIGINT, is_primary BOOLEAN
);
COMMENT ON TABLE yardsticks IS 'Columns of the matrix: task + split + task version + metric + implementation; deltas exist only inside one';
COMMENT ON COLUMN yardsticks.yardstick IS 'Its id: task, split, version, filter, metric, implementation';
COMMENT ON COLUMN yardsticks.systems IS 'Systems that have a value on it';
COMMENT ON COLUMN yardsticks.is_primary IS 'The metric that stands for its task; the others are shown when asked for';

CREATE TABLE language_scores (
    system VARCHAR NOT NULL, yardstick VARCHAR NOT NULL, language VARCHAR, language_2 VARCHAR, subject VARCHAR NOT NULL,
    value DOUBLE, n BIGINT, stderr DOUBLE, seeds BIGINT, evidence VARCHAR, mismatch BOOLEAN, logged DOUBLE,
    item_set VARCHAR, gap VARCHAR, is_train_language BOOLEAN,
    source VARCHAR USING COMPRESSION zstd, locator VARCHAR, run_ids VARCHAR[],
    run_values DOUBLE[], run_ns BIGINT[]
);
COMMENT ON TABLE language_scores IS 'One row a system, yardstick and language: mean over train seeds, newest run each';
COMMENT ON COLUMN language_scores.value IS 'Mean over seeds, natural unit; NULL is a gap';
COMMENT ON COLUMN language_scores.n IS 'Items';
COMMENT ON COLUMN language_scores.seeds IS 'Train seeds behind the value';
COMMENT ON COLUMN language_scores.evidence IS 'The weakest rung among its runs';
COMMENT ON COLUMN language_scores.mismatch IS 'A recomputed value differs from the logged one beyond the metric''s tolerance';
COMMENT ON COLUMN language_scores.logged IS 'What the tool''s file says';
COMMENT ON COLUMN language_scores.gap IS 'Why there is no value';
COMMENT ON COLUMN language_scores.is_train_language IS 'The system was trained in this language';
COMMENT ON COLUMN language_scores.run_ids IS 'The runs behind it';
COMMENT ON COLUMN language_scores.run_values IS 'The value of each of run_ids; NULL where one run alone stands behind it';
COMMENT ON COLUMN language_scores.run_ns IS 'The items of each of run_ids; NULL where one run alone stands behind it';
COMMENT ON COLUMN language_scores.stderr IS 'Items and seeds joined: sqrt(mean item variance + variance of seeds / seeds)';

CREATE TABLE stated_means (
    system VARCHAR NOT NULL, yardstick VARCHAR NOT NULL, scope VARCHAR NOT NULL, value DOUBLE, seeds BIGINT,
    evidence VARCHAR, gap VARCHAR, source VARCHAR, locator VARCHAR
);
COMMENT ON TABLE stated_means IS 'Means that a publication or tool states itself, kept apart from scores of languages';

CREATE TABLE claims (
    record VARCHAR PRIMARY KEY, claim VARCHAR NOT NULL, status VARCHAR NOT NULL, statement VARCHAR, source VARCHAR,
    locator VARCHAR, note VARCHAR, must_hold VARCHAR, family VARCHAR, units VARCHAR[], needs VARCHAR, query VARCHAR,
    supersedes VARCHAR[], superseded_by VARCHAR, why VARCHAR, said_by VARCHAR, written VARCHAR
);
COMMENT ON TABLE claims IS 'One row a record of a claim, as said; status current, superseded or withdrawn';
COMMENT ON COLUMN claims.query IS 'The SQL, question or comparison that gives its rows';

CREATE TABLE verifications (
    record VARCHAR PRIMARY KEY, claim VARCHAR NOT NULL, claim_record VARCHAR, kind VARCHAR NOT NULL, said_by VARCHAR,
    method VARCHAR, verdict VARCHAR, about VARCHAR, reasons VARCHAR[], contradictions VARCHAR[], verified BOOLEAN,
    audit VARCHAR, grades VARCHAR, run_ids VARCHAR[], query VARCHAR, superseded_by VARCHAR, written VARCHAR
);
COMMENT ON TABLE verifications IS 'Attempts to check a claim: own (by intermezzo check) and foreign, as found';
COMMENT ON COLUMN verifications.contradictions IS 'What a foreign record says against itself, found by machine';
COMMENT ON COLUMN verifications.verified IS 'Supported, no mandatory audit open, run ids and query attached';
COMMENT ON COLUMN verifications.audit IS 'Audit -> pass, fail, unknown, not applicable (JSON)';
