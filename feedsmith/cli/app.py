"""The commands. Each has a file of its own; what is heavy is imported by the command that runs, not for `--help`."""

from typing import Annotated

import typer

from feedsmith import __version__
from feedsmith.cli import (
    config,
    diff,
    doctor,
    explain,
    export,
    feedback,
    find,
    init,
    inspect_file,
    lint,
    preview,
    publish,
    sample,
    schema,
    validate,
)
from feedsmith.cli.categories import suggest
from feedsmith.cli.channels import begin, fit, listing, show
from feedsmith.cli.channels import diff as channel_diff
from feedsmith.cli.language import set_language
from feedsmith.cli.options import examples
from feedsmith.cli.rules import listing as rule_listing
from feedsmith.cli.rules import trying
from feedsmith.cli.runs import again
from feedsmith.cli.runs import listing as run_listing
from feedsmith.cli.runs import show as run_show

app = typer.Typer(
    name="feedsmith",
    help="Product feeds from one catalog, for every channel.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"feedsmith {__version__}")
        raise typer.Exit


@app.callback(epilog=examples("feedsmith inspect products.csv", "feedsmith validate", "feedsmith export"))
def feedsmith(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="LANGUAGE",
            callback=set_language,
            is_eager=True,
            show_default=False,
            help="The language of help and reports, such as nl; as with FEEDSMITH_LANG.",
        ),
    ] = None,
) -> None:
    """Product feeds from one catalog, for every channel."""


app.command("init", epilog=init.EXAMPLES)(init.init)
app.command("inspect", epilog=inspect_file.EXAMPLES)(inspect_file.inspect_file)
app.command("validate", epilog=validate.EXAMPLES)(validate.validate)
app.command("export", epilog=export.EXAMPLES)(export.export)
app.command("publish", epilog=publish.EXAMPLES)(publish.publish)
app.command("lint", epilog=lint.EXAMPLES)(lint.lint)
app.command("diff", epilog=diff.EXAMPLES)(diff.diff)
app.command("explain", epilog=explain.EXAMPLES)(explain.explain)
app.command("feedback", epilog=feedback.EXAMPLES)(feedback.feedback)
app.command("find", epilog=find.EXAMPLES)(find.find)
app.command("preview", epilog=preview.EXAMPLES)(preview.preview)
app.command("sample", epilog=sample.EXAMPLES)(sample.sample)
app.command("config", epilog=config.EXAMPLES)(config.config)
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.doctor)
app.command("schema", epilog=schema.EXAMPLES)(schema.schema)

library = typer.Typer(
    help="The channels: what they are, and what each asks for.", no_args_is_help=True, rich_markup_mode=None
)
library.command("list", epilog=listing.EXAMPLES)(listing.list_channels)
library.command("show", epilog=show.EXAMPLES)(show.show_channel)
library.command("new", epilog=begin.EXAMPLES)(begin.new_channel)
library.command("diff", epilog=channel_diff.EXAMPLES)(channel_diff.diff_channel)
library.command("fit", epilog=fit.EXAMPLES)(fit.fit_channels)
app.add_typer(library, name="channels")

rules = typer.Typer(
    help="The project's rules: what they do, and whether they do it right.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
rules.command("list", epilog=rule_listing.EXAMPLES)(rule_listing.list_rules)
rules.command("test", epilog=trying.EXAMPLES)(trying.try_rules)
app.add_typer(rules, name="rules")

categories = typer.Typer(
    help="The merchant's categories, and those of channels.", no_args_is_help=True, rich_markup_mode=None
)
categories.command("suggest", epilog=suggest.EXAMPLES)(suggest.suggest_categories)
app.add_typer(categories, name="categories")

runs = typer.Typer(
    help="What was exported when; earlier versions, and feeds that are held.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
runs.command("list", epilog=run_listing.EXAMPLES)(run_listing.list_runs)
runs.command("show", epilog=run_show.EXAMPLES)(run_show.show_run)
runs.command("accept", epilog=again.ACCEPT_EXAMPLES)(again.accept_candidate)
runs.command("rollback", epilog=again.ROLLBACK_EXAMPLES)(again.roll_back)
app.add_typer(runs, name="runs")
