"""What models are made of: the roots of a linted project, given or inferred."""

from __future__ import annotations

from functools import cached_property

from nequip_lint.closure.packaged import Edge
from nequip_lint.machine.target import Patterns
from nequip_lint.project.builders import Builders
from nequip_lint.project.candidates import Candidate, Found, candidates
from nequip_lint.project.linted import Linted
from nequip_lint.project.named import Led, Named, named_roots, parted
from nequip_lint.project.roots import Ancestry, Definition


class Rooted(Linted):
    """A project whose roots are known."""

    @property
    def infers_roots(self) -> bool:
        """Whether the roots are worked out from source, and not given."""
        return self._exact_roots is None

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Every `nn.Module` of the project, root or not, with the reason."""
        return self._found.candidates

    @cached_property
    def _found(self) -> Found:
        return candidates(self.files, self.ancestry, self._builders, self.is_shipped)

    @cached_property
    def _builders(self) -> Builders:
        return Builders(self.ancestry, self.files)

    @cached_property
    def ancestry(self) -> Ancestry:
        """Where names are defined, and which classes are modules, in whatever is internal."""
        return Ancestry(self.sources, self.internal_tops)

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The modules whose closure is the packaged set."""
        if self._exact_roots is not None:
            exact = (root for root in self._exact_roots if isinstance(root, str))
            return tuple(dict.fromkeys((*exact, *(module for module, _ in self._made))))
        own = (item.module for item in self.candidates if item.is_root and self.is_shipped(item.module))
        return tuple(dict.fromkeys((*own, *(module for module, _ in self._made))))

    @cached_property
    def _made(self) -> list[Definition]:
        """The classes that are roots by name, else those of other packages that models hold."""
        return self._found.others if self._exact_roots is None else self._led.roots

    @cached_property
    def _led(self) -> Led:
        named = [root for root in self._exact_roots or () if isinstance(root, Named)]
        return named_roots(named, self.ancestry, self._builders)

    @property
    def lost(self) -> list[Definition]:
        """The model builders, among the named roots if there are any, that lead to no class of a model."""
        return self._found.lost if self._exact_roots is None else self._led.lost

    @cached_property
    def judged(self) -> list[Definition]:
        """The roots, but for what nequip wraps around each model; those that are modules have no name."""
        exact = [(root, "") for root in self._exact_roots or () if isinstance(root, str)]
        own = (
            [(item.module, item.name) for item in self.candidates if item.is_root]
            if self.infers_roots
            else []
        )
        shipped = [place for place in own if self.is_shipped(place[0])]
        named = {self.ancestry.definition(".".join(place)) for place in self.named}
        made = [place for place in self._made if place in named or not self._builders.is_wrapper(place)]
        return list(dict.fromkeys((*exact, *shipped, *made)))

    @property
    def barren(self) -> list[Definition]:
        """The functions among the named roots that are not seen to make a class of a model."""
        named = self._made if self._exact_roots is not None else []
        known = ((item, self.sources.facts(item[0])) for item in named if item[1])
        return [item for item, facts in known if facts and any(f.name == item[1] for f in facts.functions)]

    @property
    def named(self) -> frozenset[Definition]:
        """The modules and names that named roots have, whatever these are."""
        named = [root for root in self._exact_roots or () if isinstance(root, Named)]
        return frozenset(parted(root.root, self.sources) for root in named)

    @cached_property
    def built_in(self) -> frozenset[str]:
        """The modules in which models are made: those of builders, and of what leads from them to classes."""
        return frozenset(self._builders.visited) if self._made or self.roots else frozenset()

    @cached_property
    def ways(self) -> dict[str, Edge]:
        """The imports by which builders in the linted files come to roots in other packages."""
        outside = (item for item in self._made if item[0] not in self.owned)
        found = ((module, self._builders.way_to((module, name))) for module, name in outside)
        return {module: edge for module, edge in reversed([*found]) if edge is not None}

    @cached_property
    def uncovered(self) -> frozenset[str]:
        """Top-level packages of the project that have roots which nothing interns."""
        bare = Patterns(intern=self.internal)
        return frozenset(
            root.partition(".")[0] for root in self.roots if root in self.owned and not bare.action(root)
        )
