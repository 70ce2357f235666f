"""`praman moderator`: who may sign in to the review console.

One command a function, no business rules; each imports what it needs when it runs.
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.options import Db, Json

moderator_app = typer.Typer(help="Who may rule in the review console.", no_args_is_help=True)


@moderator_app.command("add")
def moderator_add(
    email: Annotated[str, typer.Argument(help="Names the person; they sign in with it.")],
    platform: Annotated[
        str | None, typer.Option("--platform", help="The only platform they see; every one if left out.")
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="They may export all decisions, too.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Make a moderator; the password is shown once."""
    from pipeline.commands.moderator import add

    add(email, platform=platform, admin=admin, db=db, as_json=as_json)


@moderator_app.command("list")
def moderator_list(db: Db = None, as_json: Json = False) -> None:
    """List the moderators."""
    from pipeline.commands.moderator import show

    show(db=db, as_json=as_json)
