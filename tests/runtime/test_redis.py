import pytest

from runtime.redis import RedisAddress, redis_address, redis_client
from workers.carrier import carrier_at

READ = [
    ("redis://", RedisAddress()),
    ("redis://cache.example:6380/3", RedisAddress(host="cache.example", port=6380, database=3)),
    ("redis://cache.example?db=2", RedisAddress(host="cache.example", database=2)),
    ("redis://ann:p%40ss%2Fw%3Ard@h", RedisAddress(host="h", username="ann", password="p@ss/w:rd")),
    ("rediss://:pw@h", RedisAddress(host="h", password="pw", tls=True)),
    ("redis://[::1]:7000", RedisAddress(host="::1", port=7000)),
    (
        "redis+sentinel://:pw@a:7000,b/loop/2?sentinel_password=s+w",
        RedisAddress(
            password="pw", database=2, service="loop", sentinels=(("a", 7000), ("b", 26379)), sentinel_password="s+w"
        ),
    ),
    (
        "rediss+sentinel://a/loop",
        RedisAddress(tls=True, service="loop", sentinels=(("a", 26379),)),
    ),
    ("unix:///run/a%20b/valkey.sock?db=1", RedisAddress(socket_path="/run/a b/valkey.sock", database=1)),
]


@pytest.mark.parametrize(("url", "address"), READ)
def test_a_url_is_read(url: str, address: RedisAddress) -> None:
    assert redis_address(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "http://h", "redis://h/x", "redis://h:x", "unix://run/x", "redis://h?timeout=1", "redis://h#x",
     "rediss://h?ca=/nowhere", "redis+sentinel://h", "redis+sentinel:///loop", "redis+sentinel://a,,b/loop",
     "redis+sentinel://a/loop/x", "redis://[h"],
)  # fmt: skip
def test_a_url_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        redis_address(url)


@pytest.mark.parametrize("url", ["redis://:s3cret@h", "redis+sentinel://:s3cret@h/loop?sentinel_password=s3cret"])
def test_the_password_is_in_no_repr(url: str) -> None:
    assert "s3cret" not in repr(redis_address(url))


@pytest.mark.parametrize("url", ["redis://:s3cret#x@h", "redis://:s3cret/x@h:y", "redis://:s3cret@h?s3cret=1"])
def test_the_password_is_in_no_complaint(url: str) -> None:
    with pytest.raises(ValueError, match=r".+") as refused:
        redis_address(url)
    assert "s3cret" not in str(refused.value)


def test_tls_checks_the_host_name() -> None:
    keywords = redis_client("rediss://h").connection_pool.connection_kwargs
    assert (keywords["ssl_check_hostname"], keywords["ssl_cert_reqs"]) == (True, "required")


def test_the_carrier_gets_the_password_decoded_and_the_socket_path() -> None:
    assert carrier_at("redis://:p%40ss@h:7000/2").connection_pool.connection_kwargs["password"] == "p@ss"
    assert carrier_at("unix:///run/valkey.sock").connection_pool.connection_kwargs["path"] == "/run/valkey.sock"
