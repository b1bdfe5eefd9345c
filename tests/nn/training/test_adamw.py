"""The optimiser takes the steps of torch's own, and continues where it was."""

import torch

from napari_unet.nn.training.adamw import AdamW


def learn(network, step, steps, seed=0):
    """Take steps on fixed examples; the last parameter never has a gradient."""
    network[1].bias.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for number in steps:
        examples = torch.rand(5, 3, generator=generator)
        network(examples).square().mean().backward()
        step(0.1 / (1 + number))


def networks(count):
    torch.manual_seed(1)
    first = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
    others = [
        torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)) for _ in "x" * count
    ]
    for other in others:
        other.load_state_dict(first.state_dict())
    return [first, *others][:count]


def equal(one, other):
    return all(map(torch.equal, one.parameters(), other.parameters()))


def stepping(optimizer):
    def step(rate):
        optimizer.step(rate)
        optimizer.forget_gradients()

    return step


def test_same_as_torch():
    ours, theirs = networks(2)
    reference = torch.optim.AdamW(theirs.parameters(), weight_decay=0.1)

    def step(rate):
        reference.param_groups[0]["lr"] = rate
        reference.step()
        reference.zero_grad()

    learn(ours, stepping(AdamW(ours.parameters(), 0.1)), range(4))
    learn(theirs, step, range(4))
    assert equal(ours, theirs)


def test_continues_from_its_state():
    whole, halves = networks(2)
    optimizer = AdamW(whole.parameters(), 0.1)
    learn(whole, stepping(optimizer), range(3))
    learn(whole, stepping(optimizer), range(3, 6), seed=1)
    before = AdamW(halves.parameters(), 0.1)
    learn(halves, stepping(before), range(3))
    after = AdamW(halves.parameters(), 0.1)
    after.load({name: value.clone() for name, value in before.state().items()})
    learn(halves, stepping(after), range(3, 6), seed=1)
    assert equal(whole, halves)
