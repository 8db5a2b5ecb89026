"""A console's main job with the client that openapi-generator generates for Python."""

import json
import os
from typing import TypeVar

from generated import (
    AssessedShare,
    ApiClient,
    ApiException,
    ComparisonsApi,
    Configuration,
    CoverageSnapshot,
    GrantType,
    Problem,
    ProblemType,
    ReleasedStatistics,
    SnapshotsApi,
    SortOrder,
    TokensApi,
)

T = TypeVar("T")


def expect(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), f"{answer} is no {kind.__name__}"
    return answer


configuration = Configuration(host=os.environ["PEERBENCH_CLIENT_URL"])
snapshot = expect(CoverageSnapshot, CoverageSnapshot.from_dict(json.loads(os.environ["SNAPSHOT"])))

with ApiClient(configuration) as client:
    token = TokensApi(client).issue_token(
        grant_type=GrantType.CLIENT_CREDENTIALS,
        client_id=os.environ["PEERBENCH_CLIENT_ID"],
        client_secret=os.environ["PEERBENCH_CLIENT_SECRET"],
    )
    configuration.access_token = token.access_token
    snapshots, comparisons = SnapshotsApi(client), ComparisonsApi(client)

    uploaded = snapshots.create_snapshot(snapshot)
    assert uploaded.snapshot.cells == len(snapshot.cells)

    summary = comparisons.compare_summary()
    own = expect(AssessedShare, summary.overall.own.actual_instance)
    peers = expect(ReleasedStatistics, summary.overall.peers.actual_instance)
    assert own.covered > 0 and own.of > 100 and peers.p50 is not None

    techniques: list[str] = []
    cursor: str | None = None
    while True:
        page = comparisons.compare_techniques(sort=SortOrder.ID, limit=20, cursor=cursor)
        for item in page.items:
            techniques.append(item.technique)
            statistics = item.peers.actual_instance
            assert statistics is not None and statistics.status in ("released", "not_released")
        cursor = page.next
        if cursor is None:
            break
    assert len(techniques) > 40 and techniques == sorted(set(techniques))

    snapshot.cells[0].technique = "T9998"
    try:
        snapshots.create_snapshot(snapshot)
        raise AssertionError("a technique that doesn't exist was accepted")
    except ApiException as error:
        refused = expect(Problem, error.data)
    assert refused.type == ProblemType.URN_COLON_PEERBENCH_COLON_PROBLEM_COLON_INVALID and refused.errors
    assert refused.errors[0].pointer == "/cells/0/technique"

    print(f"{own.share}% covered, median {peers.p50}; {len(techniques)} techniques; refused: {refused.errors[0].detail}")
