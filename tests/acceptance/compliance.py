"""Runs scim2-tester against a SCIM base URL with a bearer token; prints how many findings of each kind there are."""

import sys
from collections import Counter

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server

base, token = sys.argv[1:3]
client = Client(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=60)
findings = check_server(SyncSCIMClient(client))
counts = Counter(finding.status.name for finding in findings)
print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
sys.exit(0 if findings else 1)
