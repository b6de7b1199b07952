"""Work shared between processes: what it leaves behind in the process that asked."""

import gc

from service.population.processes import shared_out


def test_what_is_shared_is_collected_again_afterwards() -> None:
    """The collector of a program that screens goes on as before when the processes are done."""
    gc.unfreeze()
    assert sorted(shared_out(abs, [-3, 1, -2], 2)) == [1, 2, 3]
    assert gc.get_freeze_count() == 0
