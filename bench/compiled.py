"""The engine's figures once more, in a process that finds the compiled engine first (`make fast`): prints three numbers."""

import gc

from bench import engine
from prorata.app.memory import keep_freed_memory
from prorata.trading import deals

HELD = 100_000

if __name__ == "__main__":
    assert not str(deals.__file__).endswith(".py"), "this is not the compiled engine"
    gc.disable()
    keep_freed_memory()
    print(engine.orders_a_second(0), engine.orders_a_second(HELD), engine.replayed_a_second())
