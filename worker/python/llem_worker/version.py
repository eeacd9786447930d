"""The version of llem; a test holds it equal to lib/base/version.ts."""

LLEM_VERSION = "0.1.0"
