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
SINGLE = {"os.environ": "os.environ", "os.environb": "os.environb", "sys.modules": "sys.modules"}
"""Objects that a process has once, beside its streams."""
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
    "threading.Thread": "a thread",
    "threading.Timer": "a thread",
    "threading.Barrier": "a lock",
    "queue.LifoQueue": "a queue, which holds a lock",
    "queue.PriorityQueue": "a queue, which holds a lock",
    "logging.StreamHandler": "a handler of logging, which holds a lock",
    "logging.FileHandler": "a handler of logging, which holds a lock",
    "multiprocessing.RLock": "a lock",
    "multiprocessing.Pool": "a pool of processes",
    "multiprocessing.pool.ThreadPool": "a pool of threads",
    "gzip.open": "an open file",
    "tempfile.TemporaryFile": "an open file",
    "tempfile.NamedTemporaryFile": "an open file",
    "zipfile.ZipFile": "an open file",
    "mmap.mmap": "a memory map",
    "ctypes.CDLL": "a loaded library",
    "inspect.currentframe": "a frame",
    "asyncio.new_event_loop": "an event loop",
    "asyncio.get_event_loop": "an event loop",
    "threading.current_thread": "a thread",
    "threading.main_thread": "a thread",
    "logging.Handler": "a handler of logging, which holds a lock",
    "multiprocessing.Condition": "a lock",
    "multiprocessing.Event": "a lock",
    "multiprocessing.Semaphore": "a lock",
    "multiprocessing.BoundedSemaphore": "a lock",
    "multiprocessing.Barrier": "a lock",
    "multiprocessing.Queue": "a queue between processes",
    "multiprocessing.SimpleQueue": "a queue between processes",
    "multiprocessing.JoinableQueue": "a queue between processes",
    "multiprocessing.Value": "a value that processes share",
    "multiprocessing.Array": "an array that processes share",
    "multiprocessing.Process": "a process",
    "multiprocessing.pool.Pool": "a pool of processes",
    "codecs.open": "an open file",
    "bz2.open": "an open file",
    "lzma.open": "an open file",
    "gzip.GzipFile": "an open file",
    "tarfile.open": "an open file",
    "tarfile.TarFile": "an open file",
    "io.FileIO": "an open file",
    "io.TextIOWrapper": "an open file",
    "io.BufferedReader": "an open file",
    "io.BufferedWriter": "an open file",
    "os.fdopen": "an open file",
    "os.popen": "an open file",
    "os.scandir": "an iterator over a folder",
    "shelve.open": "an open file",
    "dbm.open": "an open file",
    "csv.writer": "a writer of the csv module",
    "csv.reader": "a reader of the csv module",
    "csv.DictWriter": "a writer of the csv module",
    "csv.DictReader": "a reader of the csv module",
    "socket.create_connection": "a socket",
    "socket.socketpair": "a pair of sockets",
    "ssl.create_default_context": "an SSL context",
    "ssl.SSLContext": "an SSL context",
    "selectors.DefaultSelector": "a selector",
    "weakref.WeakSet": "weak references",
    "weakref.WeakMethod": "a weak reference",
    "contextvars.copy_context": "a context",
    "contextvars.Context": "a context",
    "ctypes.cdll.LoadLibrary": "a loaded library",
    "ctypes.PyDLL": "a loaded library",
    "ctypes.c_void_p": "a pointer",
    "ctypes.pointer": "a pointer",
    "ctypes.byref": "a pointer",
    "sys._getframe": "a frame",
    "importlib.import_module": "a module",
    "__import__": "a module",
    "types.ModuleType": "a module",
    "globals": "the names of a module, with modules among them",
    "compile": "a code object",
    "memoryview": "a view of memory",
    "staticmethod": "a staticmethod object",
    "classmethod": "a classmethod object",
    "hashlib.new": "a hash object",
    "hashlib.md5": "a hash object",
    "hashlib.sha1": "a hash object",
    "hashlib.sha256": "a hash object",
    "hashlib.sha512": "a hash object",
    "hashlib.blake2b": "a hash object",
    "hmac.new": "a hash object",
    "zlib.compressobj": "a compressor",
    "zlib.decompressobj": "a decompressor",
    "struct.Struct": "a Struct of the struct module",
    "random.SystemRandom": "a random generator of the system, which has no state",
    "secrets.SystemRandom": "a random generator of the system, which has no state",
    "argparse.ArgumentParser": "a parser of arguments, which holds a local function",
    "sched.scheduler": "a scheduler, which holds a lock",
    "re.finditer": "an iterator over matches",
    "heapq.merge": "a generator",
    "os.walk": "a generator",
    "glob.iglob": "a generator",
    "logging.handlers.MemoryHandler": "a handler of logging, which holds a lock",
    "logging.handlers.BufferingHandler": "a handler of logging, which holds a lock",
    "logging.handlers.QueueHandler": "a handler of logging, which holds a lock",
    "logging.handlers.QueueListener": "a listener of logging, which holds a lock",
    "logging.handlers.RotatingFileHandler": "a handler of logging, which holds a lock",
    "logging.handlers.TimedRotatingFileHandler": "a handler of logging, which holds a lock",
    "logging.handlers.WatchedFileHandler": "a handler of logging, which holds a lock",
    "logging.handlers.SocketHandler": "a handler of logging, which holds a lock",
    "logging.handlers.DatagramHandler": "a handler of logging, which holds a lock",
    "logging.handlers.SysLogHandler": "a handler of logging, which holds a lock",
    "logging.handlers.HTTPHandler": "a handler of logging, which holds a lock",
    "logging.handlers.SMTPHandler": "a handler of logging, which holds a lock",
}
METHODS = {
    ("pathlib.Path", "open"): "an open file",
    ("pathlib.Path", "iterdir"): "a generator",
    ("pathlib.Path", "glob"): "a generator",
    ("pathlib.Path", "rglob"): "a generator",
    ("re.compile", "finditer"): "an iterator over matches",
    ("re.compile", "scanner"): "a scanner",
}
"""What methods of new objects give."""
TAKING = {
    "functools.partial": 0,
    "collections.defaultdict": 0,
    "map": 0,
    "filter": 0,
    "iter": 0,
    "functools.partialmethod": 0,
    "numpy.vectorize": 0,
    "numpy.frompyfunc": 0,
    "itertools.starmap": 0,
    "itertools.takewhile": 0,
    "itertools.dropwhile": 0,
    "itertools.filterfalse": 0,
    "itertools.accumulate": 1,
    "itertools.groupby": 1,
}
"""What keeps a function that it is given, with the position of that."""
ITERATORS = frozenset(
    {
        *("map", "filter", "zip", "enumerate", "iter"),
        *(
            f"itertools.{name}"
            for name in (
                *("islice", "chain", "cycle", "starmap", "takewhile", "dropwhile", "filterfalse"),
                *("accumulate", "groupby", "compress", "pairwise", "zip_longest", "chain.from_iterable"),
            )
        ),
    }
)
"""What keeps the iterator that it is given."""
MADE_BY_TORCH = {
    "torch.jit.script": "a TorchScript object",
    "torch.jit.load": "a TorchScript object",
    "torch.jit.trace": "a traced object",
    "torch.jit.trace_module": "a traced object",
    "torch.func.vmap": "a function made by torch.func.vmap",
    "torch.vmap": "a function made by torch.vmap",
    "torch.func.grad": "a function made by torch.func.grad",
    "torch.func.grad_and_value": "a function made by torch.func.grad_and_value",
    "torch.func.jacrev": "a function made by torch.func.jacrev",
    "torch.func.jacfwd": "a function made by torch.func.jacfwd",
    "torch.func.hessian": "a function made by torch.func.hessian",
    "torch.func.functionalize": "a function made by torch.func.functionalize",
}
FUNCTIONS = {
    "torch.optim.swa_utils.get_ema_multi_avg_fn": "a local function of torch",
    "torch.optim.swa_utils.get_swa_multi_avg_fn": "a local function of torch",
    "torch.optim.swa_utils.get_ema_avg_fn": "a local function of torch",
    "torch.optim.swa_utils.get_swa_avg_fn": "a local function of torch",
    "functools.lru_cache": "a function made by functools.lru_cache",
    "functools.cache": "a function made by functools.cache",
    "functools.singledispatch": "a function made by functools.singledispatch",
}
"""Functions that make functions."""
VIEWS = frozenset({"keys", "values", "items"})
HOLDING = frozenset(
    {
        *("list", "tuple", "set", "frozenset", "dict", "collections.OrderedDict", "collections.deque"),
        *("types.SimpleNamespace", "argparse.Namespace", "collections.ChainMap", "collections.UserDict"),
    }
)
"""What holds the elements that it is made of."""
CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
"""Modules that keep what they are made of."""
KEEPERS = frozenset({"torch.optim.swa_utils.AveragedModel", "torch.nn.DataParallel"})
"""Modules of torch that keep whatever they are made of."""
FLUENT = frozenset(
    {
        *("bfloat16", "cpu", "cuda", "double", "eval", "float", "half", "requires_grad_"),
        *("share_memory", "to", "train", "type", "xpu"),
    }
)
"""Methods of modules that give the module back."""
AUTOGRAD = frozenset({"torch.autograd.Function", "torch.autograd.function.Function"})
