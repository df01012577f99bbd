"""The day of a client of SCIM 1.1 that others have written (slack-sdk), against a base URL with a token: says what is not as it
should be, and how much is. The server behind speaks SCIM 2.0 only."""

import sys

from checks import check, end
from slack_sdk.scim.v1.client import SCIMClient

base, token = sys.argv[1:3]
client = SCIMClient(token=token, base_url=base + "/")
CORE = "urn:scim:schemas:core:1.0"


def status(what, answer, wanted):
    check(f"{what}: status", answer.status_code, wanted)
    return answer.body or {}


def patched(what, answer):
    check(f"{what}: status", answer.status_code in (200, 204), True)


def held(id):
    return client.read_user(id).body or {}


def members(id):
    return sorted(member["value"] for member in (client.read_group(id).body or {}).get("members") or [])


def person(name, **more):
    names = {"givenName": name.title(), "familyName": "King"}
    mails = [{"value": f"{name}@example.com", "type": "work", "primary": True}]
    return {"schemas": [CORE], "userName": name, "name": names, "emails": mails, "active": True, **more}


# Users
ada = status("ada is created", client.create_user(person("ada", title="Countess", locale="en_US")), 201)
bob = status("bob is created", client.create_user(person("bob")), 201)
check("ada's schema is that of SCIM 1.1", ada.get("schemas"), [CORE])
check("ada's name", ada.get("userName"), "ada")
ada, bob = ada.get("id"), bob.get("id")
taken = status("ada is there already", client.create_user(person("ada")), 409)
check("what is wrong is said as SCIM 1.1 says it", [error.get("code") for error in taken.get("Errors") or []], ["409"])
found = status("ada is looked up", client.search_users(count=10, start_index=1, filter='userName eq "ada"'), 200)
check("one is found", [user["id"] for user in found.get("Resources") or []], [ada])
check("the count", found.get("totalResults"), 1)
nobody = status("nobody is looked up", client.search_users(count=10, start_index=1, filter='userName eq "eve"'), 200)
check("nobody is found", nobody.get("totalResults"), 0)
status("ada is read", client.read_user(ada), 200)
check("her locale is as SCIM 1.1 writes it", held(ada).get("locale"), "en_US")
check("her mail", [mail["value"] for mail in held(ada).get("emails") or []], ["ada@example.com"])
patched("her title changes", client.patch_user(ada, {"schemas": [CORE], "title": "Lady"}))
check("her new title", (held(ada).get("title"), held(ada).get("userName")), ("Lady", "ada"))
cleared = {"schemas": [CORE], "meta": {"attributes": ["title"]}}
patched("her title goes", client.patch_user(ada, cleared))
check("no title", held(ada).get("title"), None)
status("she is put", client.update_user({**person("ada"), "id": ada, "displayName": "Ada"}), 200)
check("her new name", held(ada).get("displayName"), "Ada")

# Groups
tour = status("a group is created", client.create_group({"schemas": [CORE], "displayName": "Tour", "members": []}), 201).get("id")
patched("ada joins", client.patch_group(tour, {"schemas": [CORE], "members": [{"value": ada}]}))
check("ada is in it", members(tour), [ada])
swap = {"schemas": [CORE], "members": [{"value": ada, "operation": "delete"}, {"value": bob}]}
patched("ada goes, bob comes", client.patch_group(tour, swap))
check("bob is in it", members(tour), [bob])
both = {"schemas": [CORE], "id": tour, "displayName": "Crew", "members": [{"value": ada}, {"value": bob}]}
status("it is put", client.update_group(both), 200)
check("both are in it", members(tour), sorted([ada, bob]))
check("its new name", (client.read_group(tour).body or {}).get("displayName"), "Crew")
groups = status("groups are listed", client.search_groups(count=10, start_index=1), 200)
check("it is listed", tour in [group["id"] for group in groups.get("Resources") or []], True)

# The day they leave
patched("bob is switched off", client.patch_user(bob, {"schemas": [CORE], "active": False}))
check("bob is off", held(bob).get("active"), False)
status("the group goes", client.delete_group(tour), 200)
status("it is gone", client.read_group(tour), 404)
status("ada goes", client.delete_user(ada), 200)
gone = status("she is gone", client.read_user(ada), 404)
check("that is said as SCIM 1.1 says it", [error.get("code") for error in gone.get("Errors") or []], ["404"])
status("bob goes", client.delete_user(bob), 200)

end()
