// A console's main job with the types that openapi-typescript generates, and openapi-fetch.

import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { components, paths } from "./generated";

function setting(name: string): string {
    const value = process.env[name];
    assert(value, `${name} is not set`);
    return value;
}

async function job(): Promise<void> {
    const baseUrl = setting("PEERBENCH_CLIENT_URL");
    const snapshot = JSON.parse(setting("SNAPSHOT")) as components["schemas"]["CoverageSnapshot"];

    const issued = await createClient<paths>({ baseUrl }).POST("/oauth/token", {
        body: {
            grant_type: "client_credentials",
            client_id: setting("PEERBENCH_CLIENT_ID"),
            client_secret: setting("PEERBENCH_CLIENT_SECRET"),
        },
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    assert(issued.data);
    const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${issued.data.access_token}` } });

    const uploaded = await client.POST("/v1/snapshots", { body: snapshot });
    assert.equal(uploaded.data?.snapshot.cells, snapshot.cells.length);

    const summary = await client.GET("/v1/comparisons/summary");
    assert(summary.data);
    const { own, peers } = summary.data.overall;
    assert(own.status === "assessed" && peers.status === "released");
    assert(own.covered > 0 && own.of > 100 && peers.p50 !== undefined);

    const techniques: string[] = [];
    let cursor: string | undefined;
    do {
        const query = { sort: "id", limit: 20, ...(cursor === undefined ? {} : { cursor }) } as const;
        const { data } = await client.GET("/v1/comparisons/techniques", { params: { query } });
        // The other form of a list is CSV.
        assert(data && typeof data !== "string");
        techniques.push(...data.items.map((item) => item.technique));
        cursor = data.next;
    } while (cursor !== undefined);
    assert(techniques.length > 40 && new Set(techniques).size === techniques.length);

    const [first] = snapshot.cells;
    assert(first);
    first.technique = "T9996";
    const { error: refused } = await client.POST("/v1/snapshots", { body: snapshot });
    assert(refused && refused.type === "urn:peerbench:problem:invalid");
    assert.equal(refused.errors?.[0]?.pointer, "/cells/0/technique");

    console.log(`${own.share}% covered, median ${peers.p50}; ${techniques.length} techniques; refused: ${refused.errors?.[0]?.detail}`);
}

void job();
