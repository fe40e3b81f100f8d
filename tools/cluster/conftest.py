"""A cluster of two nodes on this machine, and an emulator of the API."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ray.cluster_utils import Cluster

from speccast.testing import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT = Path(__file__).resolve().parents[2] / "generated" / "segmind" / "python"
sys.path.insert(0, str(CLIENT))
# For the processes of the nodes, which inherit it. With the default niceness, they give way to every other process, and the
# tests take long on a busy machine.
os.environ.update(
    PYTHONPATH=str(CLIENT),
    RAY_DATA_DISABLE_PROGRESS_BARS="1",
    RAY_USAGE_STATS_ENABLED="0",
    RAY_worker_niceness="0",
)


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The emulator. Its parameter is its faults."""
    faults = getattr(request, "param", ())
    with emulator(CLIENT / "segmind_client", faults=faults, progress="polls:1", journal=40_000) as running:
        yield running


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """The cluster, with one node."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "object_store_memory": 200 << 20})
    yield cluster
    cluster.shutdown()


@pytest.fixture
def second_node(nodes: Any) -> Iterator[Any]:
    """Another node of the cluster, which a test may kill."""
    node = nodes.add_node(num_cpus=2, object_store_memory=200 << 20)
    nodes.wait_for_nodes()
    yield node
    if node in nodes.list_all_nodes():
        nodes.remove_node(node)
