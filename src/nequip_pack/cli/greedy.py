"""Options that take one value or more, as argparse's ``nargs="+"`` does, which click has not."""

from __future__ import annotations

import click


class GreedyCommand(click.Command):
    """A command whose options named ``greedy`` take every word up to the next option.

    The words come as a tuple of lists in the parameter of that option.
    """

    greedy = ("--replace", "--modifier")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Fold the words after a greedy option into one value."""
        folded: list[str] = []
        words: list[list[str]] = []
        inside = False
        for word in args:
            if word in self.greedy:
                inside = True
                words.append([])
            elif inside and not word.startswith("--"):
                words[-1].append(word)
            else:
                inside = False
                folded.append(word)
        if any(not group for group in words):
            raise click.UsageError("An option that needs a value has none.", ctx)
        ctx.meta["nequip_pack.words"] = words
        return super().parse_args(ctx, folded)


def greedy_words() -> list[list[str]]:
    """The words of the greedy options of this run, one list for each time that one was given."""
    words: list[list[str]] = click.get_current_context().meta["nequip_pack.words"]
    return words
