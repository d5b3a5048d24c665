"""What pickling refuses, by absolute dotted name: modules, formats, streams, and what functions make."""

MODULES = frozenset(
    {
        "torch.nn.functional",
        "torch.nn.init",
        "torch.linalg",
        "torch.fft",
        "torch.special",
        "torch.ops",
        "torch.nn",
        "torch.cuda",
        "torch.backends",
        "torch.utils.checkpoint",
        "torch.autograd",
    }
)
FORMATS = frozenset(
    {"torch.contiguous_format", "torch.channels_last", "torch.channels_last_3d", "torch.preserve_format"}
)
STREAMS = frozenset({"sys.stdin", "sys.stdout", "sys.stderr"})
MADE = {
    "threading.Lock": "a lock",
    "threading.RLock": "a lock",
    "threading.Condition": "a lock",
    "threading.Event": "a lock",
    "threading.Semaphore": "a lock",
    "threading.BoundedSemaphore": "a lock",
    "threading.local": "thread-local data",
    "multiprocessing.Lock": "a lock",
    "queue.Queue": "a queue, which holds a lock",
    "queue.SimpleQueue": "a queue",
    "open": "an open file",
    "io.open": "an open file",
    "weakref.ref": "a weak reference",
    "weakref.proxy": "a weak reference",
    "weakref.WeakKeyDictionary": "weak references",
    "weakref.WeakValueDictionary": "weak references",
    "contextvars.ContextVar": "a context variable",
    "property": "a property object",
    "concurrent.futures.ThreadPoolExecutor": "an executor",
    "concurrent.futures.ProcessPoolExecutor": "an executor",
    "concurrent.futures.Future": "a future",
    "types.MappingProxyType": "a mapping proxy",
    "torch.finfo": "a torch.finfo object",
    "torch.iinfo": "a torch.iinfo object",
    "socket.socket": "a socket",
    "subprocess.Popen": "a running process",
    "sqlite3.connect": "a database connection",
}
MADE_BY_TORCH = {
    "torch.jit.script": "a TorchScript object",
    "torch.jit.load": "a TorchScript object",
    "torch.jit.trace": "a traced object",
    "torch.jit.trace_module": "a traced object",
    "torch.func.vmap": "a function made by torch.func.vmap",
    "torch.vmap": "a function made by torch.vmap",
}

CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
"""Modules that keep what they are made of."""
