"""
TensorRT-LLM: the engine inside the worker, or in processes of its own where it is spread over several GPUs.
"""
