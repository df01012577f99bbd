"""Okta's way with a group, against a SCIM base URL with a bearer token: says what is not as it should be, and how much is."""

import json
import sys
import urllib.error
import urllib.request

from checks import check, end

base, token = sys.argv[1:3]
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/scim+json", "User-Agent": "Okta SCIM Client 1.0.0"}
    request = urllib.request.Request(base + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text else {}


def user(name):
    names = {"givenName": name.title(), "familyName": "King", "formatted": f"{name.title()} King"}
    mails = [{"value": f"{name}@example.com", "type": "work", "primary": True}]
    return call("POST", "/Users", {"userName": f"{name}@example.com", "name": names, "emails": mails, "active": True})[1].get("id")


def is_so(what, answer, name, members):
    check(f"{what}: status", answer[0] in (200, 204), True)
    group = call("GET", f"/Groups/{tour}")[1]
    check(f"{what}: name", group.get("displayName"), name)
    check(f"{what}: members", sorted(member["value"] for member in group.get("members") or []), sorted(members))


def patch(*operations):
    return call("PATCH", f"/Groups/{tour}", {"schemas": [PATCH], "Operations": list(operations)})


ada, bob = user("ada"), user("bob")
tour = call("POST", "/Groups", {"displayName": "Tour", "members": []})[1].get("id")
check("users and a group are made", all([ada, bob, tour]), True)
found = call("GET", "/Groups?filter=displayName%20eq%20%22Tour%22")[1]
check("the group is found by its name", [group["id"] for group in found.get("Resources") or []], [tour])
one, other = {"value": ada}, {"value": bob}
is_so("a member comes", patch({"op": "add", "path": "members", "value": [one]}), "Tour", [ada])
goes = {"op": "remove", "path": f'members[value eq "{ada}"]'}
is_so("one goes, one comes", patch(goes, {"op": "add", "path": "members", "value": [other]}), "Tour", [bob])
is_so("all are replaced", patch({"op": "replace", "path": "members", "value": [one, other]}), "Tour", [ada, bob])
is_so("a new name", patch({"op": "replace", "value": {"id": tour, "displayName": "Crew"}}), "Crew", [ada, bob])
is_so("a group is put", call("PUT", f"/Groups/{tour}", {"displayName": "Band", "members": [other]}), "Band", [bob])
check("the group goes", call("DELETE", f"/Groups/{tour}")[0], 204)
check("and is gone", call("GET", f"/Groups/{tour}")[0], 404)

end()
