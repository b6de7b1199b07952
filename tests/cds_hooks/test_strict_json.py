"""Bodies as bytes: what is JSON, what is refused, and that nothing else happens."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_hooks.errors import BadRequestError, CallerError, NotJsonError
from cds_hooks.request import HookRequest, read_request
from cds_hooks.strict_json import MAX_DEPTH, document, split
from tests.cds_hooks.example import call

KNOWN = {"hook", "context", "prefetch"}

NOT_JSON = {
    "nothing": b"",
    "cut off": b'{"hook": "patient-view"',
    "a brace too many": b'{"hook": "patient-view"}}',
    "two documents": b"{} {}",
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"hook": "patient-view"}'.encode("utf-16"),
    "broken UTF-8 in a name": b'{"h\xffok": 1}',
    "broken UTF-8 in a member": b'{"hook": "\xff"}',
    "broken UTF-8 deep inside": b'{"prefetch": {"a": {"b": ["\xc3\x28"]}}}',
    "UTF-8 of a surrogate": b'{"prefetch": {"a": "\xed\xa0\x80"}}',
    "half a surrogate pair": b'{"prefetch": {"a": "\\ud800"}}',
    "NaN": b'{"prefetch": NaN}',
    "NaN deep inside": b'{"prefetch": {"a": {"value": NaN}}}',
    "Infinity deep inside": b'{"prefetch": {"a": [-Infinity]}}',
    "a number with a leading zero": b'{"prefetch": {"a": 01}}',
    "single quotes": b"{'hook': 1}",
    "a trailing comma": b'{"prefetch": {"a": [1,]}}',
    "a comment": b'{"prefetch": {} /* none */}',
    "a control character": b'{"prefetch": {"a": "\x01"}}',
    "an array": b"[]",
    "a string": b'"hook"',
    "null": b"null",
    "a number out of range": b'{"hook": 1e999}',
}


TEXTS = st.text(alphabet=st.sampled_from('[]{}"\\,:a\né\U0001f489'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def depth(value: Any) -> int:
    """How many arrays and objects of `value` are within one another at most."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


def as_deep_as(wanted: int, value: Any) -> bytes:
    """A body that is nested `wanted` deep and holds `value` at the bottom."""
    wrappers = wanted - 2 - depth(value)
    text = json.dumps(value).encode()
    return b'{"context": {"a": ' + b"[" * wrappers + text + b"]" * wrappers + b"}}"


class TestWhatIsNotJson:
    """Q-04: a body is JSON as in RFC 8259, and each of our bodies an object."""

    @pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
    def test_it_is_refused_with_the_path_of_the_body(self, body: bytes) -> None:
        """What is not JSON is refused wherever it stands, and the path is that of the whole body."""
        with pytest.raises(NotJsonError) as refused:
            split(body, KNOWN)
        assert refused.value.issues[0].expression == "$this"

    def test_the_place_is_told_in_bytes(self) -> None:
        """Whoever debugs the caller reads at which byte the body breaks off from JSON."""
        with pytest.raises(NotJsonError) as refused:
            split(b'{"prefetch": {"a": NaN}}', KNOWN)
        assert "byte 19" in str(refused.value.issues[0].diagnostics)

    def test_small_documents_are_read_as_strictly(self) -> None:
        """The reading of whole documents refuses what splitting refuses."""
        with pytest.raises(NotJsonError):
            document(b'{"feedback": NaN}')


class TestDepth:
    """No depth of nesting may exhaust the stack, here or in whoever reads what was split."""

    @given(VALUES)
    def test_the_limit_is_exact(self, value: Any) -> None:
        """A body as deep as the limit is read, one level more is refused, whatever its strings hold."""
        assert split(as_deep_as(MAX_DEPTH, value), KNOWN)
        with pytest.raises(BadRequestError, match=str(MAX_DEPTH)):
            split(as_deep_as(MAX_DEPTH + 1, value), KNOWN)

    def test_what_is_read_by_its_types_may_be_deeper(self) -> None:
        """The record is left to a reader that goes no deeper than the types of FHIR."""
        assert split(as_deep_as(MAX_DEPTH + 1, 0), KNOWN, typed={"context"})

    @pytest.mark.parametrize("levels", [1_100, 1_000_000])
    @pytest.mark.parametrize("before", ["", "[1, ", '{"a": "]", "b": '])
    def test_absurd_depth_is_refused(self, levels: int, before: str) -> None:
        """However deep and however built, a body beyond the limit is a refusal and no failure."""
        opening = before or "["
        closing = "}" if before.startswith("{") else "]"
        body = f'{{"prefetch": {{"a": {opening * levels}0{closing * levels}}}}}'
        with pytest.raises(NotJsonError):
            split(body.encode(), KNOWN)

    def test_what_never_closes_is_refused(self) -> None:
        """A body of opening brackets alone is a refusal and no failure."""
        with pytest.raises(NotJsonError):
            document(b"[" * 1_000_000)

    def test_long_and_flat_is_fine(self) -> None:
        """Many resources side by side do not count as deep."""
        assert split(b'{"prefetch": {"a": [' + b'{"b": [{}]},' * 10_000 + b"0]}}", KNOWN)


class TestRepeatedNames:
    """Of two members with one name, readers take different ones: that a patient's data depend on."""

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            (b'{"hook": "a", "hook": "b"}', "hook"),
            (b'{"hook": "a", "hook": "a"}', "hook"),
            (b'{"hook": "a", "h\\u006fok": "b"}', "hook"),
            (b'{"hook": "a", "Jane Roe": 1, "Jane Roe": 2}', "$this"),
            (b'{"context": {"patientId": "1", "patientId": "2"}}', "context"),
            (b'{"prefetch": {"shots": null, "shots": {}}}', "prefetch"),
        ],
    )
    def test_they_are_refused_with_a_path(self, body: bytes, path: str) -> None:
        """Repeated names are refused in the body and in its members, without telling names of the caller."""
        with pytest.raises(BadRequestError) as refused:
            split(body, KNOWN)
        assert [issue.expression for issue in refused.value.issues] == [path]

    def test_one_name_at_two_places_is_fine(self) -> None:
        """Only within one object are names bound to differ."""
        assert split(b'{"hook": "a", "context": {"hook": 1}}', KNOWN) == {
            "hook": "a",
            "context": {"hook": b"1"},
        }


class TestSplitting:
    """Members are told apart, and what is below them stays the JSON text that came."""

    def test_text_stays_as_it_came(self) -> None:
        """Whoever reads a prefetched value gets its bytes unchanged, exponents and escapes included."""
        body = b' { "prefetch" : { "a" : {"v": 1.50e1, "w": "\\u00e9"} , "b":null } , "hook":"x" } '
        assert split(body, KNOWN) == {
            "prefetch": {"a": b'{"v": 1.50e1, "w": "\\u00e9"}', "b": b"null"},
            "hook": "x",
        }

    def test_unknown_members_are_left_out(self) -> None:
        """Prefetched values that landed beside `prefetch` are no part of what was sent for it."""
        assert split(b'{"prefetch": {}, "item2": {"a": 1}, "item3": [1]}', KNOWN) == {"prefetch": {}}


def read_or_refused(body: bytes) -> bool:
    """Whether `body` is read as a call, or refused as 400 with a path for each fault."""
    try:
        return isinstance(read_request(body), HookRequest)
    except CallerError as refused:
        return refused.status == 400 and all(issue.expression and issue.text for issue in refused.issues)


class TestHostileBodies:
    """Every byte of a body may be hostile: a call comes out of it, or a refusal that says where."""

    @given(st.binary())
    def test_any_bytes(self, body: bytes) -> None:
        """Bytes that are anything make a refusal."""
        with pytest.raises(CallerError) as refused:
            read_request(body)
        assert refused.value.status == 400

    @given(st.data())
    def test_any_json_in_place_of_a_member(self, data: st.DataObject) -> None:
        """A call in which some members are anything is read, or refused with a path for each fault."""
        body = call("order-select") | {"fhirServer": "https://ehr.example", "fhirAuthorization": {}}
        for members in (body, body["context"], body["fhirAuthorization"]):
            names = sorted({*members, "access_token", "expires_in", "encounterId"})
            for name in data.draw(st.lists(st.sampled_from(names), unique=True, max_size=3)):
                members[name] = data.draw(VALUES)
            if not all(isinstance(body[name], dict) for name in ("context", "fhirAuthorization")):
                break
        assert read_or_refused(json.dumps(body).encode())

    @given(st.integers(min_value=0), st.binary(max_size=3), st.integers(0, 3))
    def test_any_bytes_within_a_call(self, at: int, inserted: bytes, removed: int) -> None:
        """A call with bytes changed anywhere is read or refused."""
        body = json.dumps(call("order-select")).encode()
        at %= len(body)
        assert read_or_refused(body[:at] + inserted + body[at + removed :])

    @given(st.text(alphabet="abcdefgh", min_size=12, max_size=64))
    def test_no_message_repeats_what_came(self, secret: str) -> None:
        """Whatever is wrong with a call, a value of it is not in the messages."""
        body = call("order-select") | {"hookInstance": secret, "fhirServer": secret, "prefetch": secret}
        body["context"] = dict.fromkeys(body["context"], secret)
        with pytest.raises(BadRequestError) as refused:
            read_request(json.dumps(body).encode())
        told = str([(each.text, each.expression, each.diagnostics) for each in refused.value.issues])
        assert secret not in told
        assert len(refused.value.issues) == 6
