-- How run folders get into the index, step by step; the publisher runs each by its name. Tables whose names begin
-- with batch_ are columns in memory (batch.py); other staging files are written by load.py. Names in braces are
-- paths it fills in (escaped), names with $ are parameters.

-- step: nothing changed yet
CREATE OR REPLACE TEMP TABLE taken (folder VARCHAR);
CREATE OR REPLACE TEMP TABLE later (run_id VARCHAR, newest VARCHAR);
CREATE OR REPLACE TEMP TABLE renamed (run_id VARCHAR, old_system VARCHAR, system VARCHAR);

-- step: add runs
INSERT INTO taken SELECT folder FROM batch_folders;
INSERT INTO folders BY NAME SELECT folder, runs, bytes FROM batch_folders;
-- what another folder brought before is not taken in again
INSERT INTO runs BY NAME
SELECT b.*, i.* EXCLUDE (found), f.written, false AS hidden,
       CASE WHEN b.n_items IS NOT NULL THEN 'runs/' || b.folder || '/items.parquet' END AS items_path
FROM batch_runs b JOIN batch_identities i USING (found) JOIN batch_folders f USING (folder)
WHERE b.run_id NOT IN (SELECT run_id FROM runs);
INSERT INTO replacements BY NAME
SELECT b.* FROM batch_replaced b JOIN runs USING (run_id) WHERE folder IN (SELECT folder FROM batch_folders);

-- step: add scores
-- As they lie in their files: sorting millions takes longer than all else, and who asks has to sort anyway.
INSERT INTO scores BY NAME
SELECT s.* EXCLUDE (filename)
FROM read_parquet($paths, filename = true, union_by_name = false) s
JOIN batch_folders f ON f.path = s.filename
JOIN runs r ON r.run_id = s.run_id AND r.folder = f.folder;

-- step: add sources
-- Of a file that was read in several versions the one written last counts, in whatever order they come.
MERGE INTO sources o USING (
    WITH fresh AS (
        SELECT s.*, r.written FROM batch_sources s JOIN runs r USING (run_id)
        WHERE r.folder IN (SELECT folder FROM batch_folders)
    ), remarks AS (
        SELECT path, sha256, importer, importer_version, string_agg(DISTINCT guessed, ' ' ORDER BY guessed) AS guessed
        FROM fresh WHERE guessed IS NOT NULL GROUP BY ALL
    ), versions AS (
        SELECT path, sha256, importer, importer_version, arg_max(size, written) AS size, arg_max(mtime_ns, written) AS mtime_ns,
               arg_max(runs, written) AS expected, count(*) AS runs, max(written) AS written
        FROM fresh GROUP BY path, sha256, importer, importer_version
    ), joined AS (
        SELECT v.path, v.sha256, v.importer, v.importer_version, v.expected, v.runs + coalesce(o.runs, 0) AS runs,
               CASE WHEN o.written > v.written THEN o.size ELSE v.size END AS size,
               CASE WHEN o.written > v.written THEN o.mtime_ns ELSE v.mtime_ns END AS mtime_ns,
               coalesce(m.guessed, CASE WHEN o.status = 'guessed' THEN o.reason END) AS guessed,
               greatest(v.written, o.written) AS written
        FROM versions v LEFT JOIN remarks m USING (path, sha256, importer, importer_version)
        LEFT JOIN sources o ON o.path = v.path AND o.sha256 = v.sha256 AND o.importer = v.importer
            AND o.importer_version = v.importer_version AND o.runs > 0
    )
    SELECT * EXCLUDE (expected, guessed),
           CASE WHEN runs < expected THEN 'waiting' WHEN guessed IS NOT NULL THEN 'guessed' ELSE 'read' END AS status,
           CASE WHEN runs < expected
                THEN 'only ' || runs || ' of its ' || expected || ' runs are here: import it again for the rest'
                ELSE guessed END AS reason
    FROM joined
    QUALIFY row_number() OVER (PARTITION BY path ORDER BY written DESC, importer_version DESC, sha256) = 1
) n ON o.path = n.path AND o.runs > 0
WHEN MATCHED AND (n.written, n.importer_version) >= (o.written, o.importer_version) THEN UPDATE SET
    sha256 = n.sha256, importer = n.importer, importer_version = n.importer_version, size = n.size, mtime_ns = n.mtime_ns,
    status = n.status, reason = n.reason, runs = n.runs, written = n.written
WHEN NOT MATCHED THEN INSERT BY NAME;

-- step: supersede
-- A run is replaced by one that says so, and by the newest run with the same key in the same file, where the
-- file has changed since or is read by a newer importer.
CREATE OR REPLACE TEMP TABLE later AS
WITH again AS (
    SELECT run_id, first_value(run_id) OVER w AS newest, source_sha256, first_value(source_sha256) OVER w AS newest_sha,
           importer_version, first_value(importer_version) OVER w AS newest_version
    FROM runs WHERE source_path IN (SELECT source_path FROM runs JOIN taken USING (folder))
    WINDOW w AS (PARTITION BY source_path, importer, source_key ORDER BY importer_version DESC, written DESC, run_id)
)
SELECT run_id, any_value(newest) AS newest FROM (
    SELECT run_id, newest FROM again
    WHERE source_sha256 IS DISTINCT FROM newest_sha OR importer_version IS DISTINCT FROM newest_version
    UNION ALL
    SELECT p.replaces, p.run_id FROM replacements p WHERE p.replaces <> p.run_id AND
        (p.run_id IN (SELECT run_id FROM runs JOIN taken USING (folder))
         OR p.replaces IN (SELECT run_id FROM runs JOIN taken USING (folder)))
) GROUP BY run_id;
UPDATE runs SET superseded_by = later.newest FROM later WHERE runs.run_id = later.run_id;

-- step: reports
DELETE FROM sources WHERE coalesce(runs, 0) = 0;
INSERT INTO sources BY NAME
SELECT DISTINCT * EXCLUDE (written), 0 AS runs
FROM read_json({reports}, format = 'newline_delimited', columns = {
    path: 'VARCHAR', sha256: 'VARCHAR', size: 'BIGINT', mtime_ns: 'BIGINT', importer: 'VARCHAR',
    importer_version: 'INTEGER', status: 'VARCHAR', reason: 'VARCHAR', written: 'VARCHAR'
}) n
WHERE n.status <> 'guessed' OR n.path NOT IN (SELECT path FROM sources WHERE runs > 0)
ORDER BY path;

-- step: identities
CREATE OR REPLACE TEMP TABLE renamed AS
SELECT r.run_id, r.system AS old_system, n.*
FROM read_json({identities}, format = 'newline_delimited', columns = {
    found: 'VARCHAR', system: 'VARCHAR', base_model: 'VARCHAR', base_revision: 'VARCHAR', recipe: 'VARCHAR',
    shots: 'INTEGER', prompt: 'VARCHAR', identity: 'VARCHAR', identity_why: 'VARCHAR', train_seed: 'BIGINT',
    step: 'BIGINT'
}) n JOIN runs r ON r.found = n.found
WHERE (r.system, r.base_model, r.base_revision, r.recipe, r.shots, r.prompt, r.identity, r.identity_why, r.train_seed, r.step)
      IS DISTINCT FROM (n.system, n.base_model, n.base_revision, n.recipe, n.shots, n.prompt, n.identity, n.identity_why,
                        n.train_seed, n.step);
UPDATE runs SET system = n.system, base_model = n.base_model, base_revision = n.base_revision, recipe = n.recipe,
    shots = n.shots, prompt = n.prompt, identity = n.identity, identity_why = n.identity_why, train_seed = n.train_seed,
    step = n.step
FROM renamed n WHERE runs.run_id = n.run_id;

-- step: hide
CREATE OR REPLACE TEMP TABLE turned AS
SELECT r.run_id, r.system, h.run_id IS NOT NULL AS hidden, h.why
FROM runs r LEFT JOIN read_json({hidden}, format = 'newline_delimited', columns = {run_id: 'VARCHAR', why: 'VARCHAR'}) h
    USING (run_id)
WHERE (r.hidden, r.hidden_why) IS DISTINCT FROM (h.run_id IS NOT NULL, h.why);
UPDATE runs SET hidden = t.hidden, hidden_why = t.why FROM turned t WHERE runs.run_id = t.run_id;

-- step: touched
CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT system FROM (
    SELECT system FROM runs JOIN taken USING (folder)
    UNION ALL SELECT old_system FROM renamed
    UNION ALL SELECT system FROM renamed
    UNION ALL SELECT system FROM turned
    UNION ALL SELECT system FROM runs WHERE run_id IN (SELECT run_id FROM later)
);

-- step: languages met
SELECT DISTINCT l.language FROM (
    SELECT language FROM scores WHERE rowid >= $first UNION ALL SELECT language_2 FROM scores WHERE rowid >= $first
    UNION ALL SELECT train_language FROM runs
) l WHERE l.language IS NOT NULL AND l.language NOT IN (SELECT language FROM language_codes);

-- step: add languages
INSERT INTO language_codes BY NAME
SELECT * FROM read_json({languages}, format = 'newline_delimited', columns = {
    language: 'VARCHAR', name: 'VARCHAR', iso639_3: 'VARCHAR', script: 'VARCHAR', family: 'VARCHAR'}) ORDER BY language;

-- step: metrics met
SELECT DISTINCT metric FROM scores WHERE rowid >= $first AND metric NOT IN (SELECT metric FROM metrics);

-- step: base models met
SELECT DISTINCT base_model FROM runs WHERE base_model IS NOT NULL AND base_model NOT IN (SELECT base_model FROM base_models);

-- step: add base_models
INSERT INTO base_models BY NAME
SELECT * FROM read_json({base_models}, format = 'newline_delimited', columns = {
    base_model: 'VARCHAR', family: 'VARCHAR'}) ORDER BY base_model;

-- step: add tasks
INSERT INTO tasks BY NAME
SELECT * FROM read_json({tasks}, format = 'newline_delimited', columns = {
    task: 'VARCHAR', title: 'VARCHAR', task_group: 'VARCHAR', xtreme_group: 'VARCHAR', kind: 'VARCHAR',
    primary_metric: 'VARCHAR', parallel: 'BOOLEAN', train_language: 'VARCHAR', chance: 'DOUBLE', position: 'INTEGER'});

-- step: add task_languages
INSERT INTO task_languages BY NAME
SELECT * FROM read_json({task_languages}, format = 'newline_delimited', columns = {
    task: 'VARCHAR', language: 'VARCHAR', items: 'BIGINT'});

-- step: add metrics
INSERT INTO metrics BY NAME
SELECT * FROM read_json({metrics}, format = 'newline_delimited', columns = {
    metric: 'VARCHAR', title: 'VARCHAR', low: 'DOUBLE', high: 'DOUBLE', unit_interval: 'BOOLEAN',
    higher_is_better: 'BOOLEAN', kind: 'VARCHAR', mean_for: 'VARCHAR[]', tolerance: 'DOUBLE'});

-- step: add implementations
INSERT INTO implementations BY NAME
SELECT * FROM read_json({implementations}, format = 'newline_delimited', columns = {
    implementation: 'VARCHAR', metric: 'VARCHAR', alternate: 'BOOLEAN'});

-- step: claims
DELETE FROM claims;
INSERT INTO claims BY NAME
SELECT * FROM read_json({claims}, format = 'newline_delimited', maximum_object_size = 16777216, columns = {
    record: 'VARCHAR', claim: 'VARCHAR', status: 'VARCHAR', statement: 'VARCHAR', source: 'VARCHAR', locator: 'VARCHAR',
    note: 'VARCHAR', must_hold: 'VARCHAR', family: 'VARCHAR', units: 'VARCHAR[]', needs: 'VARCHAR', query: 'VARCHAR',
    supersedes: 'VARCHAR[]', superseded_by: 'VARCHAR', why: 'VARCHAR', said_by: 'VARCHAR', written: 'VARCHAR'
}) ORDER BY written, record;
DELETE FROM verifications;
INSERT INTO verifications BY NAME
SELECT * FROM read_json({verifications}, format = 'newline_delimited', maximum_object_size = 16777216, columns = {
    record: 'VARCHAR', claim: 'VARCHAR', claim_record: 'VARCHAR', kind: 'VARCHAR', said_by: 'VARCHAR', method: 'VARCHAR',
    verdict: 'VARCHAR', about: 'VARCHAR', reasons: 'VARCHAR[]', contradictions: 'VARCHAR[]', verified: 'BOOLEAN',
    audit: 'VARCHAR', grades: 'VARCHAR', run_ids: 'VARCHAR[]', query: 'VARCHAR', superseded_by: 'VARCHAR', written: 'VARCHAR'
}) ORDER BY written, record;
