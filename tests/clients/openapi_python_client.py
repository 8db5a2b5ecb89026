"""A console's main job with the client that openapi-python-client generates."""

import json
import os
from typing import TypeVar

from generated import AuthenticatedClient, Client
from generated.api.comparisons import compare_summary, compare_techniques
from generated.api.snapshots import create_snapshot
from generated.api.tokens import issue_token
from generated.models.access_token import AccessToken
from generated.models.assessed_share import AssessedShare
from generated.models.comparison_summary import ComparisonSummary
from generated.models.coverage_snapshot import CoverageSnapshot
from generated.models.grant_type import GrantType
from generated.models.problem import Problem
from generated.models.problem_type import ProblemType
from generated.models.released_statistics import ReleasedStatistics
from generated.models.sort_order import SortOrder
from generated.models.technique_comparison_page import TechniqueComparisonPage
from generated.models.token_request import TokenRequest
from generated.models.uploaded_snapshot import UploadedSnapshot
from generated.types import UNSET, Unset

T = TypeVar("T")


def expect(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), f"{answer} is no {kind.__name__}"
    return answer


url = os.environ["PEERBENCH_CLIENT_URL"]
snapshot = CoverageSnapshot.from_dict(json.loads(os.environ["SNAPSHOT"]))

token = expect(
    AccessToken,
    issue_token.sync(
        client=Client(base_url=url),
        body=TokenRequest(
            grant_type=GrantType.CLIENT_CREDENTIALS,
            client_id=os.environ["PEERBENCH_CLIENT_ID"],
            client_secret=os.environ["PEERBENCH_CLIENT_SECRET"],
        ),
    ),
)
client = AuthenticatedClient(base_url=url, token=token.access_token)

uploaded = expect(UploadedSnapshot, create_snapshot.sync(client=client, body=snapshot))
assert uploaded.snapshot.cells == len(snapshot.cells)

summary = expect(ComparisonSummary, compare_summary.sync(client=client))
own = expect(AssessedShare, summary.overall.own)
peers = expect(ReleasedStatistics, summary.overall.peers)
assert own.covered > 0 and own.of > 100 and not isinstance(peers.p50, Unset)

techniques: list[str] = []
cursor: str | Unset = UNSET
while True:
    page = expect(
        TechniqueComparisonPage,
        compare_techniques.sync(client=client, sort=SortOrder.ID, limit=20, cursor=cursor),
    )
    for item in page.items:
        techniques.append(item.technique)
        released = isinstance(item.peers, ReleasedStatistics)
        assert released or item.peers.status == "not_released"
    cursor = page.next_
    if isinstance(cursor, Unset):
        break
assert len(techniques) > 40 and techniques == sorted(set(techniques))

snapshot.cells[0].technique = "T9999"
refused = expect(Problem, create_snapshot.sync(client=client, body=snapshot))
assert refused.type_ == ProblemType.URNPEERBENCHPROBLEMINVALID and not isinstance(refused.errors, Unset)
assert refused.errors[0].pointer == "/cells/0/technique"

print(f"{own.share}% covered, median {peers.p50}; {len(techniques)} techniques; refused: {refused.errors[0].detail}")
