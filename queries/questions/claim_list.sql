-- name: claim_list
-- title: The claims that hold now, with our latest verdict and how many others have checked them
-- view: yes
-- params: claim
-- column: verdict: Of the latest `intermezzo check` of this version of the claim; NULL: not checked yet
SELECT c.claim, c.statement, c.source, c.locator, c.must_hold, v.verdict, v.verified, v.audit, v.grades, v.run_ids, c.query,
       v.written AS checked,
       (SELECT count(*) FROM verifications f WHERE f.claim = c.claim AND f.kind = 'foreign') AS foreign_verifications,
       (SELECT count(*) FROM verifications f WHERE f.claim = c.claim AND len(f.contradictions) > 0) AS contradicting_themselves,
       c.written, c.record
FROM claims c
LEFT JOIN verifications v ON v.claim_record = c.record AND v.kind = 'own' AND v.superseded_by IS NULL
WHERE c.status = 'current' AND ($claim IS NULL OR c.claim = $claim)
QUALIFY row_number() OVER (PARTITION BY c.record ORDER BY v.written DESC NULLS LAST) = 1
ORDER BY c.written, c.claim
