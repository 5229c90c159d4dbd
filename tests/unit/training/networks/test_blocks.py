import keras
import numpy as np
import pytest
from keras import layers

from training.networks.blocks import batch_normalization, conv_bn_relu


@pytest.fixture
def in_bfloat16():
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    yield
    keras.mixed_precision.set_global_policy(before)


def test_in_float32_the_layer_is_keras_own():
    assert type(batch_normalization(0.9)) is layers.BatchNormalization


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the fused operation is TensorFlow's")
def test_the_fused_layer_agrees_with_keras_own(in_bfloat16):
    fused, plain = batch_normalization(0.9), layers.BatchNormalization(momentum=0.9)
    assert type(fused) is not layers.BatchNormalization
    picture = np.random.default_rng(1).normal(3, 5, (16, 6, 6, 4)).astype(np.float32)
    for layer in (fused, plain):
        layer.build(picture.shape)
        layer.gamma.assign([1.0, 2.0, 0.5, 1.0])
        layer.beta.assign([0.0, 1.0, -1.0, 3.0])
    for learns in (True, True, False):
        ours, theirs = (
            np.array(keras.ops.cast(layer(picture, training=learns), "float32")) for layer in (fused, plain)
        )
        assert np.abs(ours - theirs).max() < 0.1, "off by more than bfloat16 rounds"
    assert np.allclose(fused.moving_mean, plain.moving_mean, atol=0.02)
    assert np.allclose(fused.moving_variance, plain.moving_variance, rtol=0.02)


def test_weights_of_a_network_trained_in_bfloat16_fit_one_built_in_float32(tmp_path, in_bfloat16):
    def network() -> keras.Model:
        inputs = keras.Input((8, 8, 3))
        return keras.Model(inputs, conv_bn_relu(conv_bn_relu(inputs, 4), 4))

    network().save_weights(tmp_path / "net.weights.h5")
    keras.mixed_precision.set_global_policy("float32")
    plain = network()
    plain.load_weights(tmp_path / "net.weights.h5")
