"""A morphed body: rest mesh, 163-bone skeleton, forward kinematics and skinning."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.spatial.transform import Rotation

from posecheck_render.assets import Assets
from posecheck_render.people import Person
from posecheck_render.rotations import Array

Rotations = Mapping[str, Array]


class Body:
    """One person's body at rest, standing with the soles at y = 0 and facing +z.

    Args:
        assets: The CC0 data.
        person: Whose shape and height to build.
    """

    def __init__(self, assets: Assets, person: Person) -> None:
        mesh = assets.base_mesh
        self.mesh = mesh
        vertices = mesh.vertices.copy()
        for name, weight in person.targets:
            vertices += weight * assets.target(name, len(vertices))
        self.skin_indices = mesh.group("body")
        vertices[:, 1] -= vertices[self.skin_indices, 1].min()
        vertices *= person.height / vertices[self.skin_indices, 1].max()
        self.rest: Array = vertices
        self._load_rig(assets)

    def _load_rig(self, assets: Assets) -> None:
        rig = assets.json("rigs/standard/rig.default.json")
        order: list[str] = []
        todo = [name for name in rig if not rig[name]["parent"]]
        while todo:
            bone = todo.pop(0)
            order.append(bone)
            todo += [name for name in rig if rig[name]["parent"] == bone]
        self.bones = order
        self.index = {name: i for i, name in enumerate(order)}
        self.parent = [self.index[rig[name]["parent"]] if rig[name]["parent"] else -1 for name in order]
        self.head = np.array([self._anchor(rig[name]["head"]) for name in order])
        self.tail = np.array([self._anchor(rig[name]["tail"]) for name in order])
        weights = np.zeros((len(self.rest), len(order)), dtype=np.float32)
        for name, pairs in assets.json("rigs/standard/weights.default.json")["weights"].items():
            if pairs:
                table = np.array(pairs)
                weights[table[:, 0].astype(int), self.index[name]] = table[:, 1]
        self.weights: NDArray[np.float32] = weights / weights.sum(axis=1, keepdims=True)

    def _anchor(self, entry: dict[str, Any]) -> Array:
        if entry["strategy"] == "CUBE":
            return np.asarray(self.rest[self.mesh.group(str(entry["cube_name"]))].mean(axis=0))
        if entry["strategy"] == "VERTEX":
            return np.asarray(self.rest[entry["vertex_index"]])
        return np.asarray(self.rest[entry["vertex_indices"]].mean(axis=0))

    def joint(self, bone: str) -> Array:
        """Return the rest position of a bone's head, metres."""
        return np.asarray(self.head[self.index[bone]])

    def forward(self, rotations: Rotations, root: Array) -> tuple[Array, Array]:
        """Return every bone's world rotation and head position.

        Args:
            rotations: World rotation relative to rest by bone; a bone left out follows its parent.
            root: Position of the root bone's head, metres.

        Returns:
            Rotations, shape ``(B, 3, 3)``, and positions, shape ``(B, 3)``, metres.
        """
        count = len(self.bones)
        matrices, positions = np.empty((count, 3, 3)), np.empty((count, 3))
        for i, bone in enumerate(self.bones):
            up = self.parent[i]
            if up < 0:
                matrices[i] = rotations.get(bone, np.eye(3))
                positions[i] = root
            else:
                matrices[i] = rotations.get(bone, matrices[up])
                positions[i] = positions[up] + matrices[up] @ (self.head[i] - self.head[up])
        return matrices, positions


class Skinner:
    """Poses a fixed choice of a body's vertices.

    Linear blending collapses strongly folded hips and knees, dual quaternions bulge there; an even mix of
    both looks best.

    Args:
        body: Whose vertices.
        indices: Which; all if None.
    """

    def __init__(self, body: Body, indices: NDArray[np.int64] | None = None) -> None:
        self.body = body
        self.rest = (body.rest if indices is None else body.rest[indices]).astype(np.float32)
        self.weights = sparse.csr_matrix(body.weights if indices is None else body.weights[indices])

    def __call__(self, matrices: Array, positions: Array) -> Array:
        """Return the posed vertices, metres, from the result of ``Body.forward``."""
        shift = positions - np.einsum("bij,bj->bi", matrices, self.body.head)
        packed = np.concatenate([matrices.reshape(-1, 9), shift], axis=1).astype(np.float32)
        mixed = self.weights @ packed
        x, y, z = self.rest.T[:, :, None]
        linear = mixed[:, 0:9:3] * x + mixed[:, 1:9:3] * y + mixed[:, 2:9:3] * z + mixed[:, 9:]
        return np.asarray(0.5 * (linear + self._dual_quaternion(matrices, shift)), dtype=float)

    def _dual_quaternion(self, matrices: Array, shift: Array) -> NDArray[np.float32]:
        q = Rotation.from_matrix(matrices).as_quat()[:, [3, 0, 1, 2]]
        for i, up in enumerate(self.body.parent):  # neighbours in one hemisphere, or blends take the long way
            if up >= 0 and q[i] @ q[up] < 0:
                q[i] = -q[i]
        w, v = q[:, :1], q[:, 1:]
        dual = 0.5 * np.concatenate([-(shift * v).sum(axis=1, keepdims=True), shift * w + np.cross(shift, v)], 1)
        mixed = self.weights @ np.concatenate([q, dual], axis=1).astype(np.float32)
        mixed /= np.linalg.norm(mixed[:, :4], axis=1, keepdims=True)
        c, u, ce, ue = mixed[:, :1], mixed[:, 1:4], mixed[:, 4:5], mixed[:, 5:]
        turned = self.rest + 2 * cross_rows(u, cross_rows(u, self.rest) + c * self.rest)
        return np.asarray(turned + 2 * (c * ue - ce * u + cross_rows(u, ue)))


def cross_rows(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cross product of rows; several times faster here than ``np.cross``."""
    x, y, z = a.T
    p, q, r = b.T
    return np.stack([y * r - z * q, z * p - x * r, x * q - y * p], axis=1)
