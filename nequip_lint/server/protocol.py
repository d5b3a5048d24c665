"""Replies to requests that cannot be read: pygls (2.1) logs them and leaves the client waiting."""

from __future__ import annotations

from typing import Any

from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams, JsonRpcParseError
from pygls.protocol import LanguageServerProtocol


class Protocol(LanguageServerProtocol):
    """The protocol, with an error reply for each request that is none."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """As in the base class; a request whose parameters cannot be read is refused.

        Raises:
            JsonRpcException: what pygls logs; the reply has been sent.
        """
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and "id" in data:
                method = data["method"]
                text = f"the parameters of {method} are not those that the protocol describes"
                self._refuse(data["id"], JsonRpcInvalidParams(text))
            raise error

    def refuse_unreadable(self) -> None:
        """Tell that a message is no JSON; nobody knows whose reply this is."""
        self._refuse(None, JsonRpcParseError("the message is no JSON"))

    def _refuse(self, number: object, error: JsonRpcException) -> None:
        told = number if isinstance(number, int | str) else None
        self._send_data({"jsonrpc": self.VERSION, "id": told, "error": _values(error)})


def _values(error: JsonRpcException) -> dict[str, Any]:
    return {"code": error.code, "message": error.message}
