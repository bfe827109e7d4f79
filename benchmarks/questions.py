"""Questions to time answers with: they need not be answered, only be like those people ask."""

COLD = "how do I free GPU memory"

ENGLISH = (
    "how do I free GPU memory",
    "save and load only the weights of a model",
    "why is my loss nan",
    "split a dataset into train and test",
    "what does torch.gather do",
    "read a json file line by line",
    "resize an image without changing its aspect ratio",
    "undo the last commit but keep my changes",
    "DataLoader num_workers",
    "plot two curves in one figure",
)

CHINESE = (
    "怎么释放显存",
    "如何保存和加载模型的参数",
    "张量的维度怎么交换",
    "怎么按行读取文件",
    "损失函数为什么是 nan",
    "交叉熵损失的输入形状",
    "如何把列表转换成字符串",
    "画图时中文显示不出来",
    "学习率怎么调整",
    "撤销上一次提交",
)
"""Their Chinese is looked up in a dictionary first."""
