"""`python -m service` is the command `ketamine-cds`."""

import sys

from service.cli import main

sys.exit(main())
