"""Sends rows with Microsoft's own client of the Logs Ingestion API, and prints the scopes that it wants a token for.

INGESTION_URL names the endpoint, INGESTION_CA the file of its CA, INGESTION_RULE and INGESTION_STREAM the place, INGESTION_TOKEN
a token that is good there, and the argument a file with the rows.
"""

import json
import os
import pathlib
import sys

from azure.core.credentials import AccessToken
from azure.monitor.ingestion import LogsIngestionClient

END_OF_TIME = 2**33


class Credential:
    """A credential whose token is there already."""

    def __init__(self, token):
        self.token, self.scopes = token, []

    def get_token(self, *scopes, **_):
        self.scopes.extend(scopes)
        return AccessToken(self.token, END_OF_TIME)


def main():
    url, ca, rule, stream, token = (os.environ[f"INGESTION_{name}"] for name in ("URL", "CA", "RULE", "STREAM", "TOKEN"))
    credential = Credential(token)
    rows = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    with LogsIngestionClient(url, credential, connection_verify=ca) as client:
        client.upload(rule_id=rule, stream_name=stream, logs=rows)
    print(json.dumps(credential.scopes))


main()
