"""Laws of the schema: everything described, every name written in the source, the printed copy fresh."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    Undefined,
    get_named_type,
    is_introspection_type,
)

from api.graph.entity import ENTITIES, snake_name
from api.schema import build_schema, core_schema, print_sorted

ROOT = Path(__file__).parents[2]
SCHEMA = build_schema()
TYPES = {name: kind for name, kind in core_schema(SCHEMA).type_map.items() if not is_introspection_type(kind)}
WORDS = {
    word
    for room in ("api", "domain")
    for path in (ROOT / room).rglob("*.py")
    for word in re.findall(r"\w+", path.read_text())
}
MADE = re.compile(r"(Connection|Edge|Filter|ByField)$")
MUTATIONS: dict[str, GraphQLField] = core_schema(SCHEMA).mutation_type.fields  # type: ignore[union-attr]
VERBS = {
    *(
        "Abandon",
        "Accept",
        "Acknowledge",
        "Act",
        "Add",
        "Adjust",
        "Adopt",
        "Assign",
        "Begin",
        "Change",
        "Choose",
        "Deactivate",
        "End",
        "Erase",
        "Export",
        "Forget",
        "Invite",
        "Reactivate",
        "Unlink",
        "Renew",
        "Revoke",
        "Rotate",
        "SetRoles",
        "Aggregate",
        "Allocate",
        "Cancel",
        "Check",
        "Close",
        "Complete",
        "Compute",
        "Confirm",
        "Convert",
        "Create",
        "Delete",
        "Deliver",
        "Dismiss",
        "Enroll",
        "Miss",
        "MoveStage",
        "Open",
        "Order",
        "Pause",
    ),
    *(
        "Plan",
        "Postpone",
        "Propose",
        "Receive",
        "Record",
        "RecordCost",
        "RecordTouches",
        "Refresh",
        "Release",
        "Remove",
        "Replay",
        "ReorderStages",
        "Reserve",
        "Respond",
        "Restart",
        "Resume",
        "Retire",
        "Retry",
        "Return",
        "Reverse",
        "Review",
        "Revise",
        "Run",
        "Send",
        "Test",
    ),
    *("SetLines", "SetState", "SetStatus", "Ship", "Standardize", "Start", "Take", "Transfer", "Update", "Upsert"),
}
"""What can be done: the last word, or words, of a mutation's name. A context that can do more says it here."""
NO_VERB_OF_A_RECORD = {"login", "logout"}
OF_NO_RECORD = {
    "personalDataErase": {"recordCount": "Int", "eventCount": "Int"},
    "personalDataExport": {"data": "JSON", "history": "JSON"},
    "apiKeyCreate": {"apiKey": "ApiKey", "key": "String"},
    "jobsReplay": {"replayedCount": "Int"},
    "passwordChoose": {"email": "String"},
    "passwordForget": {"accepted": "Boolean"},
    "roleDelete": {"deletedRoleId": "ID"},
    "scheduleDelete": {"deletedScheduleId": "ID"},
    "secondFactorConfirm": {"recoveryCodes": "[String!]"},
    "secondFactorEnroll": {"secret": "String", "uri": "String"},
    "secondFactorRemove": {"removed": "Boolean"},
    "ssoBegin": {
        "authorizationUrl": "String",
        "expiresAt": "DateTime",
        "state": "String",
        "verifier": "String",
    },
    "ssoComplete": {
        "expiresAt": "DateTime",
        "refreshExpiresAt": "DateTime",
        "refreshToken": "String",
        "token": "String",
    },
    "sessionRenew": {
        "expiresAt": "DateTime",
        "refreshExpiresAt": "DateTime",
        "refreshToken": "String",
        "token": "String",
    },
    "sessionsRevoke": {"revokedCount": "Int"},
    "shareDelete": {"deletedShareId": "ID"},
    "teamDelete": {"deletedTeamId": "ID"},
    "webhookEndpointCreate": {"secret": "String", "webhookEndpoint": "WebhookEndpoint"},
    "webhookEndpointDelete": {"deletedWebhookEndpointId": "ID"},
    "webhookEndpointReplay": {"replayedCount": "Int", "webhookEndpoint": "WebhookEndpoint"},
    "webhookSecretRotate": {"secret": "String", "webhookEndpoint": "WebhookEndpoint"},
}
"""What is left where a mutation leaves no record to show, or many."""
SHARED = ("expectedVersion", "idempotencyKey", "onError")
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def test_the_printed_schema_is_fresh() -> None:
    assert (ROOT / "schema.graphql").read_text() == print_sorted(SCHEMA), "run `make schema`"


@pytest.mark.parametrize("name", sorted(set(TYPES) - BUILT_IN))
def test_everything_is_described(name: str) -> None:
    kind = TYPES[name]
    assert kind.description, name
    if isinstance(kind, GraphQLEnumType):
        for word, value in kind.values.items():
            assert value.description, f"{name}.{word}"
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for field_name, field in kind.fields.items():
            assert field.description, f"{name}.{field_name}"
            assert field.description.strip(" .").lower() != field_name.lower(), (
                f"{name}.{field_name} only repeats its name"
            )
            for argument_name, argument in getattr(field, "args", {}).items():
                assert argument.description, f"{name}.{field_name}({argument_name})"


@pytest.mark.parametrize("name", sorted(name for name in set(TYPES) - BUILT_IN if not MADE.search(name)))
def test_names_are_written(name: str) -> None:
    kind = TYPES[name]
    assert name in WORDS, f"type {name} stands nowhere in the source"
    for field in getattr(kind, "fields", {}):
        assert {snake_name(field), f"{snake_name(field)}_"} & WORDS, f"{name}.{field} stands nowhere in the source"


def payload_of(name: str) -> GraphQLObjectType:
    """What a mutation gives: never null, a type of its own."""
    given = MUTATIONS[name].type
    assert isinstance(given, GraphQLNonNull)
    assert isinstance(given.of_type, GraphQLObjectType)
    return given.of_type


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_every_payload_is_a_record_and_user_errors(name: str) -> None:
    payload = payload_of(name)
    assert payload.name == f"{name[0].upper()}{name[1:]}Payload"
    errors = payload.fields["userErrors"]
    assert str(errors.type) == "[UserError!]!"
    others = {field: made.type for field, made in payload.fields.items() if field != "userErrors"}
    assert not [field for field, made in others.items() if isinstance(made, GraphQLNonNull)], "null where refused"
    if name in NO_VERB_OF_A_RECORD:
        return
    assert any(name.endswith(verb) and name != verb for verb in VERBS), "nounVerb"
    if name in OF_NO_RECORD:
        assert {field: str(made) for field, made in others.items()} == OF_NO_RECORD[name]
        return
    if name.endswith("Upsert"):
        row = get_named_type(others.pop("results"))
        assert str(others.pop("counts")) == "UpsertCounts"
        assert isinstance(row, GraphQLObjectType)
        assert {"index": "Int!", "outcome": "RowOutcome!", "userErrors": "[UserError!]!"}.items() <= {
            field: str(made.type) for field, made in row.fields.items()
        }.items()
        others = {field: made.type for field, made in row.fields.items() if not isinstance(made.type, GraphQLNonNull)}
    assert others
    for field, record in others.items():
        assert get_named_type(record).name in ENTITIES
        assert field == f"{get_named_type(record).name[0].lower()}{get_named_type(record).name[1:]}"


def test_there_is_one_shared_enum_of_codes() -> None:
    user_error = TYPES["UserError"]
    assert isinstance(user_error, GraphQLObjectType)
    assert str(user_error.fields["code"].type) == "UserErrorCode!"
    assert [name for name in TYPES if name.endswith("Code")] == ["UserErrorCode"]


@pytest.mark.parametrize("name", sorted(MUTATIONS))
def test_ids_stand_apart_from_the_input(name: str) -> None:
    for argument, given in MUTATIONS[name].args.items():
        inner = get_named_type(given.type)
        if isinstance(inner, GraphQLInputObjectType):
            rows = isinstance(given.type, GraphQLNonNull) and isinstance(given.type.of_type, GraphQLList)
            assert argument == ("inputs" if rows else "input")
            assert "id" not in inner.fields, "which record it is, is an argument"
        elif argument not in SHARED:
            assert argument.lower().endswith("id")
            assert inner is GraphQLID
            assert isinstance(given.type, GraphQLNonNull)


@pytest.mark.parametrize("name", sorted(name for name in MUTATIONS if name.endswith("Update")))
def test_updates_tell_unset_from_null_and_guard_a_version(name: str) -> None:
    arguments = MUTATIONS[name].args
    assert str(arguments["id"].type) == "ID!"
    assert str(arguments["expectedVersion"].type) == "Int"
    changes = get_named_type(arguments["input"].type)
    assert isinstance(changes, GraphQLInputObjectType)
    for field, made in changes.fields.items():
        assert not isinstance(made.type, GraphQLNonNull), f"{field} may be left out"
        assert made.default_value is Undefined, f"{field}, left out, stays as it is"


@pytest.mark.parametrize("argument", SHARED)
def test_what_is_shared_is_declared_once(argument: str) -> None:
    said = {
        (str(each.args[argument].type), each.args[argument].description)
        for each in MUTATIONS.values()
        if argument in each.args
    }
    assert len(said) == 1


LOOP = (
    "activities", "campaigns", "feedbackItems", "feedbackThemes", "improvementCycles", "inventoryLevels", "jobs", "kpis",
    "leads", "opportunities", "orders", "practices", "products", "purchaseOrders", "quotes", "replenishmentProposals",
    "schedules", "segments", "stockMoves", "suppliers",
)  # fmt: skip
"""What the loop is made of, by its plain names."""


@pytest.mark.parametrize("name", LOOP)
def test_each_list_of_the_loop_stands_beside_its_singular(name: str) -> None:
    queries = core_schema(SCHEMA).query_type.fields  # type: ignore[union-attr]
    singular = f"{name[:-3]}y" if name.endswith("ies") else name[:-1]
    entity = get_named_type(queries[singular].type).name
    assert list(queries[singular].args) == ["id"]
    assert get_named_type(queries[name].type).name == f"{entity}Connection"
