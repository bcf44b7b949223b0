"""From a spec to a working object: probe, import, read the arguments, build."""

from ad_core.load._build import build, create, factory
from ad_core.load._importing import import_target, importing_much
from ad_core.load._member import Member, build_member
from ad_core.load._parameters import Parameter, class_parameters, parameters
from ad_core.load._probe import Availability, availability, require_available
from ad_core.load._schema import check_arguments, json_schema

__all__ = [
    "Availability",
    "Member",
    "Parameter",
    "availability",
    "build",
    "build_member",
    "check_arguments",
    "class_parameters",
    "create",
    "factory",
    "import_target",
    "importing_much",
    "json_schema",
    "parameters",
    "require_available",
]
