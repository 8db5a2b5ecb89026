// A console's main job with the client that openapi-generator generates for TypeScript.

import assert from "node:assert/strict";

import { ComparisonsApi, Configuration, CoverageSnapshotFromJSON, ProblemFromJSON, ResponseError, SnapshotsApi, TokensApi } from "./generated";

function setting(name: string): string {
    const value = process.env[name];
    assert(value, `${name} is not set`);
    return value;
}

async function job(): Promise<void> {
    const basePath = setting("PEERBENCH_CLIENT_URL");
    const snapshot = CoverageSnapshotFromJSON(JSON.parse(setting("SNAPSHOT")));

    const token = await new TokensApi(new Configuration({ basePath })).issueToken({
        grantType: "client_credentials",
        clientId: setting("PEERBENCH_CLIENT_ID"),
        clientSecret: setting("PEERBENCH_CLIENT_SECRET"),
    });
    const configuration = new Configuration({ basePath, accessToken: `Bearer ${token.accessToken}` });
    const snapshots = new SnapshotsApi(configuration);
    const comparisons = new ComparisonsApi(configuration);

    const uploaded = await snapshots.createSnapshot({ coverageSnapshot: snapshot });
    assert.equal(uploaded.snapshot.cells, snapshot.cells.length);

    const { own, peers } = (await comparisons.compareSummary()).overall;
    assert(own.status === "assessed" && peers.status === "released");
    assert(own.covered > 0 && own.of > 100 && peers.p50 !== undefined);

    const techniques: string[] = [];
    let cursor: string | undefined;
    do {
        const page = await comparisons.compareTechniques({ sort: "id", limit: 20, cursor });
        techniques.push(...page.items.map((item) => item.technique));
        cursor = page.next;
    } while (cursor !== undefined);
    assert(techniques.length > 40 && new Set(techniques).size === techniques.length);

    const [first] = snapshot.cells;
    assert(first);
    first.technique = "T9997";
    const error: unknown = await snapshots.createSnapshot({ coverageSnapshot: snapshot }).catch((error: unknown) => error);
    assert(error instanceof ResponseError);
    const refused = ProblemFromJSON(await error.response.json());
    assert.equal(refused.type, "urn:peerbench:problem:invalid");
    assert.equal(refused.errors?.[0]?.pointer, "/cells/0/technique");

    console.log(`${own.share}% covered, median ${peers.p50}; ${techniques.length} techniques; refused: ${refused.errors?.[0]?.detail}`);
}

void job();
