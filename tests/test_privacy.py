"""Nothing leaves this computer: the library that sees her picture cannot even open a network connection.

mediapipe 0.10.31's native library imports no socket function at all; from 0.10.35 on it does, and reports usage.
This test fails on an update to such a wheel, before any picture could be seen by it.
"""

from __future__ import annotations

import importlib.util
import struct
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

NETWORK = {
    *("socket", "connect", "getaddrinfo", "gethostbyname", "gethostbyname_r", "gethostbyaddr", "send", "sendto"),
    *("sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "bind", "listen", "accept", "accept4", "getpeername"),
}
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_STRSZ, _DT_SYMENT, _DT_GNU_HASH = 4, 5, 6, 10, 11, 0x6FFFFEF5
_SHN_UNDEF = 0
_SYMBOL = struct.Struct("<IBBHQQ")
_linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads the imports of an ELF library"
)


def imported_symbols(library: Path) -> set[str]:
    """Return the names that a 64-bit little-endian ELF library takes from other libraries.

    What the loader itself reads is read here, from the program headers: section headers may be stripped.
    """
    data = library.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{library.name} is no 64-bit little-endian ELF library")
    offset, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, offset + k * size) for k in range(count)]
    # Virtual address, offset in the file, size in the file.
    loads: list[tuple[int, int, int]] = [(h[3], h[2], h[5]) for h in headers if h[0] == _PT_LOAD]

    def place(address: int) -> int:
        return next(file + address - start for start, file, length in loads if start <= address < start + length)

    dynamic = next(h for h in headers if h[0] == _PT_DYNAMIC)
    entries = dict(struct.iter_unpack("<QQ", data[dynamic[2] : dynamic[2] + dynamic[5]]))
    strings, symbols = place(entries[_DT_STRTAB]), place(entries[_DT_SYMTAB])
    assert entries[_DT_SYMENT] == _SYMBOL.size
    # Nothing tells how many symbols there are. Undefined ones come before all that the GNU hash table covers;
    # the older hash table covers all.
    if _DT_HASH in entries:
        total = struct.unpack_from("<II", data, place(entries[_DT_HASH]))[1]
    else:
        total = struct.unpack_from("<II", data, place(entries[_DT_GNU_HASH]))[1]
    names = set()
    for name, _, _, section, _, _ in _SYMBOL.iter_unpack(data[symbols : symbols + total * _SYMBOL.size]):
        if section == _SHN_UNDEF and name:
            start = strings + name
            names.add(data[start : data.index(b"\0", start)].decode())
    return names


def mediapipe_libraries() -> list[Path]:
    found = importlib.util.find_spec("mediapipe")
    assert found is not None
    assert found.origin is not None
    return sorted(Path(found.origin).parent.rglob("*.so"))


@_linux_only
def test_the_library_that_sees_the_picture_cannot_open_a_connection() -> None:
    libraries = mediapipe_libraries()
    assert libraries
    for library in libraries:
        names = imported_symbols(library)
        assert {"malloc", "open"} & names, f"{library.name}: the imports were not read"
        assert not NETWORK & names, (
            f"mediapipe {version('mediapipe')}: {library.name} can open network connections"
        )


@_linux_only
def test_the_check_would_notice() -> None:
    # A library that does open connections, the one this very Python has for it.
    spec = importlib.util.find_spec("_socket")
    if spec is None or spec.origin is None or not spec.origin.endswith(".so"):
        pytest.skip("this Python has its socket module built in")
    assert {"socket", "connect", "getaddrinfo"} <= imported_symbols(Path(spec.origin))


def test_streamlit_reports_nothing_and_serves_this_computer_alone() -> None:
    import tomllib

    settings = tomllib.loads((Path(__file__).parents[1] / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "localhost"
    assert settings["server"]["allowedHosts"] == ["localhost", "127.0.0.1"]
