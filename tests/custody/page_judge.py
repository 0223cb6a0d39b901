"""The page's verifier (page/src/verify) run by Node, so that it judges what the other two verifiers judge."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).parents[2] / "page"
# Vite reads the TypeScript; standard input and output belong to the module it loads.
_LOADER: Final = """
import { createServer } from "vite";
const server = await createServer({
  configFile: false, logLevel: "silent", appType: "custom",
  server: { middlewareMode: true, ws: false, watch: null }, optimizeDeps: { noDiscovery: true },
});
await server.ssrLoadModule("/tests/verify/judgeLines.ts");
await server.close();
"""


class PageJudge:
    """One Node process that answers as many questions as are asked."""

    def __init__(self) -> None:
        node = shutil.which("node")
        assert node, "Node is not installed: tools/system_packages.sh test"
        self._process = subprocess.Popen(
            [node, "--input-type=module", "--eval", _LOADER],
            cwd=PAGE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def verdict(self, bundle: Path, policy: Path) -> dict[str, Any]:
        """What the page's worker would hand to the page."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"bundle": str(bundle), "policy": str(policy)}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the page's judge has failed"
        verdict: dict[str, Any] = json.loads(line)
        return verdict

    def codes(self, bundle: Path, policy: Path) -> list[str]:
        return [finding["code"] for finding in self.verdict(bundle, policy)["wrong"]]

    def close(self) -> None:
        """Node ends with its input. One that does not is killed: none is left behind, however busy the machine."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._process.stdout.close()
